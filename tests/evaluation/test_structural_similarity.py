"""SSIM against the peers' loop and against today's scikit-image."""

from __future__ import annotations

import numpy as np
import pytest
from skimage.metrics import structural_similarity as skimage_ssim

from spt_tf.evaluation.structural_similarity import gaussian_window, structural_similarity, uniform_window
from tests.evaluation.reference_scoring import ssim_of_pair
from tests.evaluation.sample_pairs import sample_pairs


def test_13_taps_equal_the_peers_loop():
    pairs = sample_pairs(6)
    values = structural_similarity(pairs["target"], pairs["generated"], gaussian_window(13))
    expected = [ssim_of_pair(t, g) for t, g in zip(pairs["target"], pairs["generated"])]
    np.testing.assert_allclose(values, expected, atol=1e-11)
    assert values.min() > 0.2 and values.max() < 0.95


@pytest.mark.parametrize("canvas", [(96, 64), (61, 83)])
def test_equals_todays_scikit_image(canvas):
    pairs = sample_pairs(3, canvas)
    for window, arguments in [
        (gaussian_window(11), dict(gaussian_weights=True, sigma=1.5, use_sample_covariance=False)),
        (uniform_window(7), dict()),
        (uniform_window(51), dict(win_size=51)),
    ]:
        values = structural_similarity(pairs["target"], pairs["generated"], window, 255.0)
        expected = [
            skimage_ssim(t, g, channel_axis=-1, data_range=255, **arguments)
            for t, g in zip(pairs["target"], pairs["generated"])
        ]
        np.testing.assert_allclose(values, expected, atol=1e-10)


def test_equal_images_score_one_and_black_ones_nothing():
    target = sample_pairs(2)["target"]
    np.testing.assert_allclose(structural_similarity(target, target, gaussian_window(13)), 1, atol=1e-12)
    black = np.zeros_like(target)
    assert np.isnan(structural_similarity(black, black, gaussian_window(13))).all()
    assert structural_similarity(target[:0], target[:0], gaussian_window(13)).shape == (0,)


def test_bad_input_is_named():
    target = sample_pairs(2)["target"]
    with pytest.raises(ValueError, match="one shape"):
        structural_similarity(target, target[:1], gaussian_window(13))
    with pytest.raises(ValueError, match="uint8"):
        structural_similarity(target, target / 255.0, gaussian_window(13))
    with pytest.raises(ValueError, match="smaller than the SSIM window of 51"):
        structural_similarity(target[:, :40], target[:, :40], uniform_window(51))
