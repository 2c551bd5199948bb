"""The ten affine transforms that take each body part from a source pose to a target pose."""

from __future__ import annotations

import tensorflow as tf

from spt_tf import anatomy
from spt_tf.geometry import fits
from spt_tf.geometry.body_parts import TRANSFORM_REACH, limb_frames
from spt_tf.geometry.joints import joints_present

_IDENTITY: tuple[float, ...] = (1.0, 0.0, 0.0, 0.0, 1.0, 0.0)

# Limb part on the other side of the body, among the eight limb parts.
_MIRRORED_LIMBS = (1, 0, 3, 2, 5, 4, 7, 6)
_SHOULDERS = (2, 5)


def nowhere(canvas: tuple[int, int]) -> tuple[float, ...]:
    """The map that reads every pixel from outside the canvas, so that it comes out as zero.

    Its shift is the published 1000 pixels, or more on a large canvas.
    """
    shift = max(1000.0, 2.0 * max(canvas))
    return (1.0, 0.0, shift, 0.0, 1.0, shift)


def part_transforms(
    source_keypoints: tf.Tensor, target_keypoints: tf.Tensor, canvas: tuple[int, int]
) -> tf.Tensor:
    """Fits the ten part transforms (Siarohin et al., Section 3.2, as the paper's authors changed it).

    Limbs map rectangle on rectangle. A limb missing in the source is taken from its mirror image on the other
    side. The torso is the affine map of shoulders and hips, the head that of the shared head joints and both
    shoulders. Where torso joints are missing or lie on one line, the similarity that best fits all shared
    joints stands in, and the identity where fewer than two are shared.

    Args:
        source_keypoints, target_keypoints: `[B,18,2]`, (y, x) in pixels, -1 where missing.
        canvas: (height, width) of both pictures.

    Returns:
        float32 `[B,10,8]`, rows (a0, a1, a2, b0, b1, b2, 0, 0) that map a target pixel to the source pixel it
        is read from, x_src = a0 x + a1 y + a2, y_src = b0 x + b1 y + b2. Parts that cannot be found in both
        poses read from outside the picture.
    """
    source = tf.cast(source_keypoints, tf.float32)
    target = tf.cast(target_keypoints, tf.float32)
    shared = tf.cast(joints_present(source) & joints_present(target), tf.float32)
    whole, any_whole = fits.fit_similarity(source, target, shared)
    whole = tf.where(any_whole[:, tf.newaxis], whole, _IDENTITY)

    def fit(joints: tuple[int, ...], needed: tuple[int, ...]) -> tf.Tensor:
        sets = (tf.gather(v, joints, axis=1) for v in (source, target, shared))
        affine, exists = fits.fit_affine(*sets)
        complete = tf.reduce_min(tf.gather(shared, needed, axis=1), axis=1) > 0
        return tf.where((exists & complete)[:, tf.newaxis], affine, whole)

    torso = fit(anatomy.TORSO_JOINTS, anatomy.TORSO_JOINTS)
    some_head = tf.reduce_max(tf.gather(shared, anatomy.HEAD_JOINTS, axis=1), axis=1) > 0
    head = tf.where(
        some_head[:, tf.newaxis], fit(anatomy.HEAD_JOINTS + _SHOULDERS, needed=_SHOULDERS), nowhere(canvas)
    )
    maps = tf.concat([torso[:, tf.newaxis], head[:, tf.newaxis], _limb_maps(source, target, canvas)], axis=1)
    return tf.concat([maps, tf.zeros_like(maps[..., :2])], axis=-1)


def _limb_maps(source: tf.Tensor, target: tf.Tensor, canvas: tuple[int, int]) -> tf.Tensor:
    """Maps of the eight limb parts, `[B,8,6]`."""
    targets = limb_frames(target, TRANSFORM_REACH)
    own = limb_frames(source, TRANSFORM_REACH)
    mirrored = [tf.gather(v, _MIRRORED_LIMBS, axis=1) for v in own]
    has_own = own.exists[..., tf.newaxis]
    origin, along, across = (tf.where(has_own, a, b) for a, b in zip(own[:3], mirrored[:3]))
    exists = targets.exists & (own.exists | mirrored[3])
    # A pixel's place along and across the target's rectangle is where the source's rectangle is read.
    linear = _outer(along, targets.along) + _outer(across, targets.across)
    maps = fits.to_map(linear, origin, targets.origin)
    return tf.where(exists[..., tf.newaxis], maps, nowhere(canvas))


def _outer(source: tf.Tensor, target: tf.Tensor) -> tf.Tensor:
    """The linear map that takes the vector `target` to `source` and what is normal to it to zero."""
    per_length = tf.math.divide_no_nan(target, tf.reduce_sum(target**2, axis=-1, keepdims=True))
    return source[..., :, tf.newaxis] * per_length[..., tf.newaxis, :]
