"""The two untrained baselines, and how parts lie over each other."""

from __future__ import annotations

import numpy as np
import tensorflow as tf

from spt_tf.evaluation.baselines import copied_source, overlay_parts, warped_source
from spt_tf.people import PoseTransfer
from tests.evaluation.sample_pairs import STICK_FIGURE, sample_pairs

CANVAS = (96, 64)


def _batch(source_keypoints, target_keypoints):
    pairs = sample_pairs(2, CANVAS)
    labels = np.random.default_rng(1).integers(0, 10, (2, *CANVAS)).astype(np.uint8)
    return {
        "source_image": tf.constant(pairs["target"]),
        "source_parsing": tf.constant(labels),
        "source_keypoints": tf.constant(source_keypoints, tf.float32),
        "target_keypoints": tf.constant(target_keypoints, tf.float32),
    }


def test_copy_is_the_source():
    batch = _batch(*[np.stack([STICK_FIGURE] * 2)] * 2)
    copy = copied_source(batch)
    np.testing.assert_array_equal(copy.image, batch["source_image"])
    np.testing.assert_array_equal(copy.parsing, batch["source_parsing"])


def test_warp_to_the_same_pose_changes_nothing():
    pose = np.stack([STICK_FIGURE] * 2)
    batch = _batch(pose, pose)
    warped = warped_source(batch)
    difference = abs(warped.image.numpy().astype(int) - batch["source_image"].numpy())
    assert difference.max() <= 1
    assert (warped.parsing.numpy() == batch["source_parsing"].numpy()).mean() > 0.999


def test_warp_follows_a_step_aside():
    pose = np.stack([STICK_FIGURE] * 2)
    batch = _batch(pose, pose + np.array([0, 6]))
    warped = warped_source(batch)
    image, source = warped.image.numpy().astype(int), batch["source_image"].numpy()
    assert abs(image[:, :, 6:] - source[:, :, :-6]).max() <= 1
    # beyond the source's edge: the source itself, and no person
    np.testing.assert_array_equal(image[:, :, :5], source[:, :, :5])
    assert not warped.parsing.numpy()[:, :, :5].any()


def test_later_parts_cover_earlier_ones():
    maps = tf.reshape(tf.range(16, dtype=tf.float32), [1, 4, 4, 1])
    still, left = [1, 0, 0, 0, 1, 0, 0, 0], [1, 0, 1, 0, 1, 0, 0, 0]
    nowhere = [1, 0, 1e4, 0, 1, 1e4, 0, 0]
    masks = np.zeros((1, 4, 4, 10), np.float32)
    masks[..., 0] = 1
    masks[0, 1, :, 2] = 1
    masks[0, 2, :, 3] = 1
    transforms = tf.constant([[still, still, left, nowhere] + [still] * 6], tf.float32)
    result = overlay_parts(maps, PoseTransfer(transforms, tf.constant(masks)), beyond=-tf.ones_like(maps))
    expected = np.arange(16).reshape(4, 4)
    expected[1] = [5, 6, 7, 7]  # moved; its last pixel reads from outside, so the torso shows
    np.testing.assert_allclose(result[0, ..., 0], expected, atol=1e-5)


def test_people_without_joints_stay_where_they_are():
    batch = _batch(-np.ones((2, 18, 2)), -np.ones((2, 18, 2)))
    np.testing.assert_array_equal(warped_source(batch).image, batch["source_image"])
