"""Transferred garments in the light of who puts them on."""

from __future__ import annotations

import numpy as np
import pytest
import tensorflow as tf

from spt_tf.applications.relight import relit_garments

SIZE = (64, 32)
_ROWS, _COLUMNS = np.mgrid[: SIZE[0], : SIZE[1]]
LEFT = _COLUMNS < 16
MAPS = np.stack([LEFT, ~LEFT], axis=-1)[np.newaxis].astype(np.float32)


def _picture(left, right) -> np.ndarray:
    """`[1,H,W,3]` of two halves, each a colour or a grey `[H,W]`."""
    halves = [np.broadcast_to(np.asarray(half, np.float32), (*SIZE, 3)) for half in (left, right)]
    return np.where(LEFT[..., np.newaxis], *halves)[np.newaxis].astype(np.float32)


def _relit(drawn, wearer, source) -> np.ndarray:
    return relit_garments(*(tf.constant(one) for one in (drawn, wearer, MAPS, source, MAPS))).numpy()


def _stripes(amplitude: float) -> np.ndarray:
    return 100 + amplitude * np.where(_ROWS % 2, 1.0, -1.0)[..., np.newaxis]


def test_flat_garments_take_the_sources_colours():
    source = _picture((10, 200, 90), (220, 30, 60))
    made = _relit(_picture((0, 0, 0), (255, 255, 255)), _picture((50, 50, 50), (90, 90, 90)), source)
    np.testing.assert_allclose(made, source, atol=1e-3)


def test_the_wearers_light_is_kept_within_bounds():
    light = np.linspace(0.5, 1.4, SIZE[0])[:, np.newaxis, np.newaxis]
    made = _relit(_picture(100, 100), _picture(80 * light, 80), _picture((50, 100, 40), 70))
    left = made[0, :, 4]
    np.testing.assert_allclose(left.mean(axis=0), (50, 100, 40), rtol=1e-3)
    np.testing.assert_allclose(left[20:40] / left[30], (light / light[30])[20:40, 0].repeat(3, -1), rtol=0.02)
    assert left[0, 1] / 100 > 0.57  # the darkest is bounded
    np.testing.assert_allclose(made[0, :, 28], 70, atol=0.01)


def test_a_pattern_keeps_its_contrast_and_speckles_get_none():
    drawn = _picture(_stripes(30), _stripes(30))
    made = _relit(drawn, _picture(100, 100), _picture(_stripes(30), 100))
    np.testing.assert_allclose(made[0, 8:56, 8], _stripes(30)[8:56, 0].repeat(3, -1), atol=1)
    np.testing.assert_allclose(made[0, 8:56, 24], 100, atol=1)
    # a pattern half as strong on the source: its square, a quarter, is left
    weaker = _relit(drawn, _picture(100, 100), _picture(_stripes(15), 100))
    assert weaker[0, 8:56, 8].std() == pytest.approx(30 / 4, rel=0.05)


def test_values_stay_in_range():
    made = _relit(_picture(_stripes(90), 250), _picture(40, 40), _picture(_stripes(95), 254))
    assert made.min() >= 0 and made.max() <= 255
