"""Winograd's method: its three matrices against a convolution's definition along an axis."""

from __future__ import annotations

import numpy as np
import pytest

from spt_tf.layers import winograd


@pytest.mark.parametrize("step, taps", [(2, 2), (3, 2), (4, 3), (3, 4)])
def test_its_matrices_convolve(step, taps):
    of_pixels, of_kernel, back = used = winograd.method(step, taps)
    rng = np.random.default_rng(0)
    pixels, kernel = rng.normal(size=step + taps - 1), rng.normal(size=taps)
    result = back @ ((of_pixels @ pixels) * (of_kernel @ kernel))
    np.testing.assert_allclose(result, np.correlate(pixels, kernel, "valid"), atol=1e-12)
    assert (used.step, used.side) == (step, step + taps - 1)


def test_tiles_cover_a_result_and_what_is_cut_off_before_it():
    used = winograd.method(3, 2)
    assert winograd.tiles_for(used, (6, 7)) == (2, 3)
    assert winograd.tiles_for(used, (6, 6), before=1, phases=2) == (2, 2)
    assert winograd.tiles_for(used, (5, 11), before=1, phases=2) == (1, 2)
