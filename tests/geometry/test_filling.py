"""Filling unknown places: the known stays, the unknown is a mean of what is around."""

from __future__ import annotations

import numpy as np
import tensorflow as tf

from spt_tf.geometry.filling import fill_from_surroundings


def test_the_known_stays_as_it_is():
    image = np.random.default_rng(0).uniform(-1, 1, [2, 16, 8, 3]).astype(np.float32)
    known = np.ones([2, 16, 8, 1], np.float32)
    known[:, 4:9, 2:5] = 0
    filled = fill_from_surroundings(image, known).numpy()
    there = np.broadcast_to(known == 1, image.shape)
    np.testing.assert_array_equal(filled[there], image[there])


def test_a_hole_in_one_colour_takes_that_colour():
    image = np.tile(np.float32([0.5, -0.25, 1.0]), [1, 16, 8, 1])
    known = np.ones([1, 16, 8, 1], np.float32)
    known[:, 3:14, 1:6] = 0
    np.testing.assert_allclose(fill_from_surroundings(image * known, known), image, atol=1e-5)


def test_what_is_unknown_does_not_matter():
    rng = np.random.default_rng(1)
    image, noise = rng.uniform(-1, 1, [2, 1, 16, 16, 3]).astype(np.float32)
    known = (rng.uniform(size=[1, 16, 16, 1]) < 0.6).astype(np.float32)
    filled = fill_from_surroundings(image, known)
    np.testing.assert_allclose(filled, fill_from_surroundings(image * known + noise * (1 - known), known))


def test_a_hole_between_two_colours_lies_between_them():
    image = np.ones([1, 8, 16, 1], np.float32)
    image[:, :, 8:] = -1
    known = np.ones_like(image)
    known[:, :, 6:10] = 0
    filled = fill_from_surroundings(image, known).numpy()[0, :, 6:10, 0]
    assert np.all(np.abs(filled) < 1) and np.all(np.diff(filled, axis=1) < 0)


def test_where_nothing_is_known_the_answer_is_finite():
    filled = fill_from_surroundings(tf.ones([1, 8, 8, 3]), tf.zeros([1, 8, 8, 1]))
    np.testing.assert_array_equal(filled, 0)
