"""Which joints are present, and the length in which body parts' widths are measured."""

from __future__ import annotations

from collections.abc import Sequence

import tensorflow as tf

from spt_tf import anatomy

# Right shoulder to right hip, left shoulder to left hip.
_SIDES = ((2, 8), (5, 11))
# A torso is this many times as long as the longest limb part: the median over Market-1501's
# training annotations. Only used where neither side of the torso is known.
_TORSO_PER_LIMB = 1.3


def joints_present(keypoints: tf.Tensor) -> tf.Tensor:
    """Tells which joints are present.

    Args:
        keypoints: `[..., 2]`, (y, x) in pixels, -1 where a joint is missing.

    Returns:
        bool `[...]`: both coordinates are at least 0.
    """
    return tf.reduce_all(keypoints >= 0, axis=-1)


def segment_lengths(keypoints: tf.Tensor, segments: Sequence[tuple[int, int]]) -> tf.Tensor:
    """Lengths of segments between joints.

    Args:
        keypoints: float32 `[B,18,2]`, -1 where missing.
        segments: pairs of joint indices, K of them.

    Returns:
        float32 `[B,K]` in pixels, 0 where an end is missing.
    """
    starts = tf.gather(keypoints, [a for a, _ in segments], axis=1)
    ends = tf.gather(keypoints, [b for _, b in segments], axis=1)
    both = tf.logical_and(joints_present(starts), joints_present(ends))
    return tf.where(both, tf.norm(starts - ends, axis=-1), 0.0)


def torso_length(keypoints: tf.Tensor) -> tf.Tensor:
    """Root mean square of the two shoulder-to-hip distances (Siarohin et al., `compute_st_distance`).

    With one side missing it is the other side; with both missing, an estimate from the longest limb part.

    Args:
        keypoints: float32 `[B,18,2]`, (y, x), -1 where missing.

    Returns:
        float32 `[B]` in pixels; 0 when no bone at all is known.
    """
    sides = segment_lengths(keypoints, _SIDES)
    known = tf.cast(sides > 0, tf.float32)
    from_sides = tf.sqrt(tf.math.divide_no_nan(tf.reduce_sum(sides**2, axis=1), tf.reduce_sum(known, axis=1)))
    limbs = segment_lengths(keypoints, anatomy.LIMB_PART_JOINTS)
    return tf.where(from_sides > 0, from_sides, _TORSO_PER_LIMB * tf.reduce_max(limbs, axis=1))
