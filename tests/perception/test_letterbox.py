"""Photos of any size on the canvas, and joints back in the photo's own pixels."""

from __future__ import annotations

import numpy as np
import pytest
import tensorflow as tf

from spt_tf.perception.letterbox import keypoints_in_photo, letterboxed

CANVAS = (64, 32)


def _spot(size, place, radius):
    grid = np.stack(np.meshgrid(*map(np.arange, size), indexing="ij"), -1)
    near = ((grid - np.array(place)) ** 2).sum(-1) < radius**2
    return np.repeat(np.where(near, 255, 0).astype(np.uint8)[..., None], 3, -1)


def _centre(image):
    light = image[..., 0].astype(np.float64)
    light = np.where(light > 100, light, 0)
    grid = np.stack(np.meshgrid(*map(np.arange, light.shape), indexing="ij"), -1)
    return (grid * light[..., None]).sum((0, 1)) / light.sum()


@pytest.mark.parametrize("size", [(640, 320), (300, 400), (900, 200), (64, 32), (20, 15), (333, 111)])
def test_a_spot_seen_on_the_canvas_is_told_where_it_was_in_the_photo(size):
    place = np.array(size) * [0.6, 0.4]
    photo = _spot(size, place, max(2.5, 0.08 * min(size)))
    image = letterboxed(tf.constant(photo), CANVAS).numpy()
    assert image.shape == (*CANVAS, 3)
    keypoints = np.full([1, 18, 2], -1, np.float32)
    keypoints[0, 3] = _centre(image)
    back = keypoints_in_photo(tf.constant(keypoints), tf.constant([size], tf.float32), CANVAS).numpy()
    pixel = max(1.0, size[0] / CANVAS[0], size[1] / CANVAS[1])  # of the canvas, in the photo's
    np.testing.assert_allclose(back[0, 3], _centre(photo), atol=0.35 * pixel)
    assert (np.delete(back[0], 3, axis=0) == -1).all()


def test_a_photo_of_the_canvas_stays_as_it_is():
    photo = np.random.default_rng(0).integers(0, 256, (*CANVAS, 3), np.uint8)
    np.testing.assert_array_equal(letterboxed(tf.constant(photo), CANVAS), photo)


def test_what_shrinks_is_averaged_and_bars_have_the_mean_colour():
    photo = np.zeros((400, 400, 3), np.uint8)
    photo[::2] = 200
    image = letterboxed(tf.constant(photo), CANVAS).numpy().astype(int)
    assert abs(image - 100).max() <= 3
    wide = np.full((10, 320, 3), (10, 200, 90), np.uint8)
    assert (letterboxed(tf.constant(wide), CANVAS).numpy() == (10, 200, 90)).all()


def test_a_joint_beside_the_photo_is_missing_and_one_on_the_edge_is_kept():
    keypoints = np.full([1, 18, 2], -1, np.float32)
    keypoints[0, 0] = 32, 2  # a photo of 640x160 fills columns 8 to 24
    keypoints[0, 1] = 32, 7.2
    keypoints[0, 2] = 32, 16
    back = keypoints_in_photo(tf.constant(keypoints), tf.constant([[640.0, 160.0]]), CANVAS).numpy()[0]
    assert (back[0] == -1).all()
    assert back[1, 1] == 0.0 and 0 < back[2, 1] < 160
