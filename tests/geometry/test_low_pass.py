"""The filter's answer to waves of known length."""

from __future__ import annotations

import numpy as np
import pytest

from spt_tf.geometry.low_pass import low_pass, without_grid


@pytest.mark.parametrize(("frequency", "passed"), [(0.0, 1.0), (0.125, 0.979), (0.25, 0.75), (0.5, 0.0)])
@pytest.mark.parametrize("axis", [1, 2])
def test_waves_pass_by_their_length(frequency, passed, axis):
    wave = np.cos(2 * np.pi * frequency * np.arange(32))
    shape = [1, 1, 1, 1]
    shape[axis] = 32
    image = np.broadcast_to(wave.reshape(shape), [1, 32, 32, 2]).astype(np.float32)
    filtered = low_pass(image).numpy()
    inner = slice(4, -4)
    np.testing.assert_allclose(filtered[:, inner, inner], passed * image[:, inner, inner], atol=1e-3)


def test_a_plain_picture_stays_to_its_borders():
    image = np.full([1, 8, 8, 3], 0.7, np.float32)
    np.testing.assert_allclose(low_pass(image), image, atol=1e-6)


@pytest.mark.parametrize("of_brightness", [0.0, 0.5, 1.0])
def test_stripes_of_colour_go_and_a_share_of_those_of_brightness(of_brightness):
    sign = np.where(np.arange(32) % 2 == 0, 1.0, -1.0).astype(np.float32).reshape(1, 1, 32, 1)
    colour = np.float32([0.587, -0.299, 0.0])  # of no brightness
    for stripes, left in ((colour, 0.0), (np.ones(3, np.float32), 1.0 - of_brightness)):
        image = np.broadcast_to(0.2 * sign * stripes, [1, 8, 32, 3])
        filtered = without_grid(image, of_brightness)[:, 2:-2, 4:-4]
        np.testing.assert_allclose(filtered, left * image[:, 2:-2, 4:-4], atol=1e-6)
