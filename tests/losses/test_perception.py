"""Losses of the finder, against closed forms."""

from __future__ import annotations

import math

import numpy as np
import tensorflow as tf

from spt_tf.geometry.heatmaps import keypoint_heatmaps
from spt_tf.losses.perception import (
    dice_loss,
    joint_cross_entropy,
    parsing_cross_entropy,
    presence_cross_entropy,
)


def _sure(labels, of: float = 50.0) -> tf.Tensor:
    return of * tf.one_hot(labels, 10)


def test_a_parsing_known_by_nothing_costs_the_logarithm_of_ten():
    labels = tf.constant(np.arange(8).reshape(1, 2, 4) % 10, tf.uint8)
    np.testing.assert_allclose(
        parsing_cross_entropy(labels, tf.zeros([1, 2, 4, 10])), [math.log(10)], rtol=1e-6
    )
    np.testing.assert_allclose(parsing_cross_entropy(labels, _sure(labels)), [0.0], atol=1e-6)


def test_dice_weighs_a_small_label_as_a_large_one():
    """100 pixels of background and 20 of one label, 10 of which are taken for background."""
    labels = np.zeros([1, 12, 10], np.uint8)
    labels[0, :2] = 3
    told = labels.copy()
    told[0, 1] = 0
    background, upper = 2 * 100 / (100 + 110 + 1), 2 * 10 / (20 + 10 + 1)
    expected = 1 - (background + upper) / 2
    np.testing.assert_allclose(dice_loss(tf.constant(labels), _sure(told)), [expected], rtol=1e-5)


def test_each_example_is_a_loss_of_its_own():
    labels = tf.constant(np.stack([np.zeros([4, 4]), np.full([4, 4], 3)]), tf.uint8)
    right_then_wrong = _sure(tf.zeros([2, 4, 4], tf.uint8))
    for loss in (parsing_cross_entropy, dice_loss):
        first, second = loss(labels, right_then_wrong).numpy()
        assert first < 0.05 < 0.9 < second


def test_joints_in_place_cost_nothing_and_missing_ones_do_not_count():
    keypoints = -np.ones([3, 18, 2], np.float32)
    keypoints[0, 4] = keypoints[1, 4] = 3, 2
    heatmaps = keypoint_heatmaps(tf.constant(keypoints), (8, 8), 1.0)
    logits = tf.concat([tf.math.log(heatmaps[:1] + 1e-12), tf.random.normal([2, 8, 8, 18])], axis=0)
    loss = joint_cross_entropy(heatmaps, logits).numpy()
    np.testing.assert_allclose(loss[0], 0.0, atol=1e-4)
    assert loss[1] > 0.5  # one joint of eighteen, and it alone counts
    assert loss[2] == 0.0


def test_a_joint_sought_everywhere_costs_its_divergence_from_the_uniform():
    keypoints = -np.ones([1, 18, 2], np.float32)
    keypoints[0, 9] = 4, 4
    heatmaps = keypoint_heatmaps(tf.constant(keypoints), (9, 9), 1.0)
    share = heatmaps[0, :, :, 9].numpy()
    share = share / share.sum()
    expected = (share * np.log(np.maximum(share, 1e-12) * 81)).sum()
    np.testing.assert_allclose(joint_cross_entropy(heatmaps, tf.zeros([1, 9, 9, 18])), [expected], rtol=1e-4)


def test_presence_known_by_nothing_costs_the_logarithm_of_two():
    present = tf.constant(np.arange(18)[None] < 9)
    np.testing.assert_allclose(presence_cross_entropy(present, tf.zeros([1, 18])), [math.log(2)], rtol=1e-6)
