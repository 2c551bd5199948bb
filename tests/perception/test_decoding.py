"""Maps -> keypoints: fractions of a pixel, edges, two limbs alike, missing joints."""

from __future__ import annotations

import numpy as np
import tensorflow as tf

from spt_tf.geometry.heatmaps import keypoint_heatmaps
from spt_tf.networks.person_finder import Findings
from spt_tf.perception.decoding import decode_pose, joint_places


def _heatmaps(places: np.ndarray, sigma: float = 1.0) -> tf.Tensor:
    return keypoint_heatmaps(tf.constant(places[None], tf.float32), (24, 16), sigma)


def test_places_are_found_to_fractions_of_a_pixel():
    places = np.random.default_rng(0).uniform(4, 11, [18, 2]).astype(np.float32)
    np.testing.assert_allclose(joint_places(_heatmaps(places))[0], places, atol=0.06)


def test_windows_are_as_wide_as_maps_are_learned():
    """Of narrower ones the mean hardly leaves the peak's pixel."""
    for canvas in ((64, 32), (128, 64)):
        places = np.random.default_rng(1).uniform(12, 20, [1, 18, 2]).astype(np.float32)
        maps = keypoint_heatmaps(tf.constant(places), canvas, canvas[0] / 32)
        np.testing.assert_allclose(joint_places(maps), places, atol=0.1)


def test_a_joint_in_the_corner_is_found_there():
    places = np.zeros([18, 2], np.float32)
    places[9:] = 23, 15
    found = joint_places(_heatmaps(places, 0.5))[0].numpy()
    np.testing.assert_allclose(found, places, atol=0.3)
    assert (found >= 0).all() and (found <= [23, 15]).all()


def test_of_two_limbs_that_look_alike_the_likelier_is_taken_and_not_the_middle():
    one, other = (_heatmaps(np.full([18, 2], at, np.float32)) for at in (3.0, 13.0))
    np.testing.assert_allclose(joint_places(0.9 * one + other)[0], np.full([18, 2], 13.0), atol=0.01)


def test_a_joint_that_is_not_told_to_be_there_is_missing_but_has_a_place():
    logits = tf.math.log(_heatmaps(np.full([18, 2], 5.0)) + 1e-9)
    presence = np.full([1, 18], 2.0, np.float32)
    presence[0, 7] = -1.0
    pose = decode_pose(Findings(tf.zeros([1, 24, 16, 10]), logits, tf.constant(presence)))
    assert (pose.keypoints[0, 7].numpy() == -1).all()
    np.testing.assert_allclose(pose.places[0, 7], [5.0, 5.0], atol=0.01)
    np.testing.assert_allclose(pose.scores[0, 7], 1 / (1 + np.e), rtol=1e-5)
    assert (np.delete(pose.keypoints[0].numpy(), 7, axis=0) >= 0).all()
