"""A finder as P: Gaussians of the width that poses are drawn with, at any size, and gradients for images."""

from __future__ import annotations

import numpy as np
import pytest
import tensorflow as tf

from spt_tf.geometry.heatmaps import keypoint_heatmaps
from spt_tf.networks.finder_pose_detector import FinderPoseDetector
from spt_tf.networks.person_finder import person_finder

CANVAS = (48, 32)


class Sure(tf.keras.Model):
    """A finder that has found every joint at one place, as a Gaussian of sigma 1.5."""

    def __init__(self, place, presence=20.0):
        super().__init__()
        points = tf.tile(tf.constant([[place]], tf.float32), [1, 18, 1])
        self.maps = tf.math.log(keypoint_heatmaps(points, CANVAS, 1.5) + 1e-20)
        self.presence = tf.fill([1, 18], presence)

    def call(self, image, training=False):
        return tf.zeros([1, *CANVAS, 10]), self.maps, self.presence


@pytest.mark.parametrize("sigma", [1.5, 3.0])
def test_a_found_joint_is_drawn_as_poses_are(sigma):
    detector = FinderPoseDetector(Sure((20.0, 14.0)), CANVAS, 1.5, sigma)
    points = tf.tile(tf.constant([[[20.0, 14.0]]]), [1, 18, 1])
    expected = keypoint_heatmaps(points, CANVAS, sigma)
    np.testing.assert_allclose(detector(tf.zeros([1, *CANVAS, 3])), expected, atol=0.02)


def test_a_joint_that_is_not_to_be_seen_has_no_peak():
    detector = FinderPoseDetector(Sure((20.0, 14.0), presence=-20.0), CANVAS, 1.5, 3.0)
    assert tf.reduce_max(detector(tf.zeros([1, *CANVAS, 3]))) < 1e-6


def test_an_image_of_half_the_size_gets_maps_of_half_the_size():
    detector = FinderPoseDetector(Sure((20.5, 14.5)), CANVAS, 1.5, 3.0)
    maps = detector(tf.zeros([1, 24, 16, 3])).numpy()
    assert maps.shape == (1, 24, 16, 18)
    assert np.unravel_index(maps[0, ..., 3].argmax(), (24, 16)) == (10, 7)
    np.testing.assert_allclose(maps.max(), 1.0, atol=0.05)


def test_images_get_gradients_and_batch_statistics_stand_still():
    detector = FinderPoseDetector(person_finder(0.2), CANVAS, 1.5, 3.0)
    image = tf.random.uniform([2, *CANVAS, 3])
    before = [variable.numpy() for variable in detector.finder.variables]
    with tf.GradientTape() as tape:
        tape.watch(image)
        total = tf.reduce_sum(detector(image, training=True) ** 2)
    assert tf.reduce_max(tf.abs(tape.gradient(total, image))) > 0
    for variable, value in zip(detector.finder.variables, before):
        np.testing.assert_array_equal(variable, value)
