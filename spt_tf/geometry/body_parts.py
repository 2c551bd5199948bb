"""The ten rigid body parts as places in the picture (Siarohin et al., "Deformable GANs", Section 3.2).

Each of the eight limb parts is a rectangle around the line between two joints. The torso is the whole
picture and the head a square, as in the code of the paper's authors.
"""

from __future__ import annotations

from typing import NamedTuple

import tensorflow as tf

from spt_tf import anatomy
from spt_tf.geometry.joints import joints_present, torso_length

_NEAR_REACH = 0.1  # how far a rectangle goes beyond its first joint, in limb lengths
_HALF_WIDTH = 0.2  # in torso lengths
_HEAD_REACH = 0.4  # half the side of the head's square, in torso lengths
_EDGE = 1e-4  # of a rectangle's half side: pixels on its edge are inside, whatever the rounding
# How far a rectangle goes beyond its second joint, in lengths from its near edge to that joint: calves and
# forearms end in feet and hands, which the masks include whole and the transforms (as published) in part.
MASK_REACH: tuple[float, ...] = (0.1, 0.1, 0.5, 0.5, 0.1, 0.1, 0.5, 0.5)
TRANSFORM_REACH: tuple[float, ...] = (0.1, 0.1, 0.3, 0.3, 0.1, 0.1, 0.3, 0.3)


class LimbFrames(NamedTuple):
    """The rectangles of the eight limb parts: corners are origin +- across and origin + along +- across.

    origin, along, across: float32 `[B,8,2]`, (y, x) in pixels; zero where a limb does not exist.
    exists: bool `[B,8]`, both joints are present and apart, and the torso has a length.
    """

    origin: tf.Tensor
    along: tf.Tensor
    across: tf.Tensor
    exists: tf.Tensor


def limb_frames(keypoints: tf.Tensor, far_reach: tuple[float, ...]) -> LimbFrames:
    """Finds the rectangles of the eight limb parts.

    Args:
        keypoints: float32 `[B,18,2]`, (y, x), -1 where missing.
        far_reach: MASK_REACH or TRANSFORM_REACH.
    """
    first = tf.gather(keypoints, [a for a, _ in anatomy.LIMB_PART_JOINTS], axis=1)  # [B, 8, 2]
    second = tf.gather(keypoints, [b for _, b in anatomy.LIMB_PART_JOINTS], axis=1)
    width = _HALF_WIDTH * torso_length(keypoints)[:, tf.newaxis]  # [B, 1]
    origin = first + _NEAR_REACH * (first - second)
    along = (second - origin) * (1.0 + tf.constant(far_reach)[:, tf.newaxis])
    length = tf.norm(along, axis=-1)
    exists = joints_present(first) & joints_present(second) & (length > 0) & (width > 0)
    unit = tf.math.divide_no_nan(along, length[..., tf.newaxis])
    across = width[..., tf.newaxis] * tf.stack([-unit[..., 1], unit[..., 0]], axis=-1)
    origin, along, across = (tf.where(exists[..., tf.newaxis], v, 0.0) for v in (origin, along, across))
    return LimbFrames(origin, along, across, exists)


def head_box(keypoints: tf.Tensor, canvas: tuple[int, int]) -> tuple[tf.Tensor, tf.Tensor]:
    """The square around the head joints that are present, cut to the canvas.

    Args:
        keypoints: float32 `[B,18,2]`, (y, x), -1 where missing.
        canvas: (height, width).

    Returns:
        low, high: float32 `[B,2]`, (y, x), whole pixels, high exclusive; equal without a head.
    """
    head = tf.gather(keypoints, anatomy.HEAD_JOINTS, axis=1)
    present = tf.cast(joints_present(head), tf.float32)[..., tf.newaxis]
    count = tf.reduce_sum(present, axis=1)  # [B, 1]
    # Centre and reach are cut to whole pixels because the published boxes are.
    centre = tf.floor(tf.math.divide_no_nan(tf.reduce_sum(head * present, axis=1), count))
    reach = tf.floor(_HEAD_REACH * torso_length(keypoints))[:, tf.newaxis]
    limit = tf.constant(canvas, tf.float32)
    low = tf.clip_by_value(centre - reach, 0.0, limit)
    high = tf.clip_by_value(centre + reach, 0.0, limit)
    return low, tf.where(count > 0, high, low)


def part_masks(keypoints: tf.Tensor, canvas: tuple[int, int]) -> tf.Tensor:
    """Where each body part is.

    Args:
        keypoints: `[B,18,2]`, (y, x), -1 where missing.
        canvas: (height, width).

    Returns:
        float32 `[B,H,W,10]` in {0, 1}, ordered as `anatomy.BODY_PARTS`. The torso's mask is all ones; a part
        whose joints are missing, or a limb of no length, has a mask of zeros.
    """
    keypoints = tf.cast(keypoints, tf.float32)
    height, width = canvas
    limbs = limb_frames(keypoints, MASK_REACH)
    centre = limbs.origin + 0.5 * limbs.along
    first = _place_within(centre, 0.5 * limbs.along, limbs.exists)
    second = _place_within(centre, limbs.across, limbs.exists)
    low, high = (v[:, tf.newaxis] for v in head_box(keypoints, canvas))  # [B, 1, 2]
    has_head = tf.reduce_min(high - low, axis=-1) > 0
    centre, half = 0.5 * (low + high - 1.0), 0.5 * (high - low)  # the upper end is exclusive
    down = _place_within(centre, half * [1.0, 0.0], has_head)
    right = _place_within(centre, half * [0.0, 1.0], has_head)
    torso = tf.zeros_like(down)  # every pixel is in the middle
    grid = tf.meshgrid(tf.range(float(height)), tf.range(float(width)), indexing="ij")
    pixels = tf.reshape(tf.stack(grid, axis=-1), [-1, 2])
    pixels = tf.concat([pixels, tf.ones_like(pixels[:, :1])], axis=1)  # [H * W, 3]
    one_way, other_way = (
        tf.abs(tf.matmul(pixels, tf.concat(parts, axis=1), transpose_b=True))  # [B, H * W, 10]
        for parts in ([torso, down, first], [torso, right, second])
    )
    inside = tf.maximum(one_way, other_way) <= 1.0 + _EDGE
    return tf.reshape(tf.cast(inside, tf.float32), [-1, height, width, anatomy.NUM_PARTS])


def _place_within(centre: tf.Tensor, half_side: tf.Tensor, exists: tf.Tensor) -> tf.Tensor:
    """How a pixel lies between two opposite sides of a rectangle: at -1 and 1 on them, 0 in the middle.

    Args:
        centre, half_side: float32 `[B,P,2]`, (y, x); from the centre to the middle of one side.
        exists: bool `[B,P]`; no pixel lies within parts that do not exist.

    Returns:
        float32 `[B,P,3]`, a function of (y, x, 1).
    """
    slope = tf.math.divide_no_nan(half_side, tf.reduce_sum(half_side**2, axis=-1, keepdims=True))
    offset = tf.where(exists, -tf.reduce_sum(slope * centre, axis=-1), 2.0)
    slope = tf.where(exists[..., tf.newaxis], slope, 0.0)
    return tf.concat([slope, offset[..., tf.newaxis]], axis=-1)
