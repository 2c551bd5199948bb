"""Keypoints -> everything the networks want to know about a pose, or about the way between two."""

from __future__ import annotations

import tensorflow as tf

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
    source_keypoints: tf.Tensor, target_keypoints: tf.Tensor, canvas: tuple[int, int]
) -> PoseTransfer:
    """Part transforms and target part masks of two poses `[B,18,2]` in pixels of one canvas."""
    return PoseTransfer(
        transforms=part_transforms(source_keypoints, target_keypoints, canvas),
        part_masks=part_masks(target_keypoints, canvas),
    )
