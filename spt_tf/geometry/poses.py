"""Keypoints -> everything the networks need to know about a pose, or about a pair of poses."""

from __future__ import annotations

import tensorflow as tf

from spt_tf import anatomy
from spt_tf.geometry.affine import part_transforms
from spt_tf.geometry.body_parts import part_masks
from spt_tf.geometry.heatmaps import keypoint_heatmaps
from spt_tf.geometry.pose_mask import pose_mask
from spt_tf.people import Pose, PoseTransfer


def describe_pose(
    keypoints: tf.Tensor, canvas: tuple[int, int], sigma: float = 6.0, joint_radius: float = 4.0
) -> Pose:
    """Heatmaps and pose mask of keypoints `[B,18,2]`, (y, x) in pixels of the canvas, -1 where missing."""
    return Pose(
        heatmaps=keypoint_heatmaps(keypoints, canvas, sigma), mask=pose_mask(keypoints, canvas, joint_radius)
    )


def describe_transfer(
    source_keypoints: tf.Tensor,
    target_keypoints: tf.Tensor,
    canvas: tuple[int, int],
    person_mask: tf.Tensor | None = None,
) -> PoseTransfer:
    """Part transforms and target part masks of two poses `[B,18,2]` in pixels of one canvas.

    person_mask: `[B,H,W,1]` in {0, 1}, to which the torso's mask is bounded; by default it is the whole
        canvas, as published, and the torso's transform drags the scene along.
    """
    masks = part_masks(target_keypoints, canvas)
    if person_mask is not None:
        torso = anatomy.BODY_PARTS.index("torso")
        rest = tf.one_hot(torso, anatomy.NUM_PARTS, on_value=0.0, off_value=1.0)
        masks *= tf.maximum(person_mask, rest)
    return PoseTransfer(part_transforms(source_keypoints, target_keypoints, canvas), masks)


def neighbourhood(mask: tf.Tensor) -> tf.Tensor:
    """A pose mask `[B,H,W,1]` in {0, 1} widened on all sides by a twelfth of the height."""
    side = 2 * (mask.shape[1] // 12) + 1
    # one axis after the other: a square's maximum costs 2 side comparisons, not side^2
    wide = tf.nn.max_pool2d(mask, [side, 1], 1, "SAME")
    return tf.nn.max_pool2d(wide, [1, side], 1, "SAME")
