"""The face crop F, a spatial transformer without parameters around the head joints (Section 3.2)."""

from __future__ import annotations

import tensorflow as tf

from spt_tf.geometry.affine import nowhere
from spt_tf.geometry.body_parts import head_box
from spt_tf.geometry.warp import affine_warp


def face_transforms(keypoints: tf.Tensor, canvas: tuple[int, int], size: int) -> tuple[tf.Tensor, tf.Tensor]:
    """The transforms that fill a square crop with the box around the head.

    Args:
        keypoints: `[B,18,2]`, (y, x) in pixels, -1 where missing.
        canvas: (height, width) of the picture.
        size: side of the crop in pixels.

    Returns:
        transforms: float32 `[B,8]`, crop pixel -> picture pixel, reading zeros without a head.
        present: bool `[B]`, the head has a box on the canvas.
    """
    low, high = head_box(tf.cast(keypoints, tf.float32), canvas)
    present = tf.reduce_min(high - low, axis=1) > 0
    step = (high - low) / size
    zero = tf.zeros_like(step[:, 0])
    maps = tf.stack([step[:, 1], zero, low[:, 1], zero, step[:, 0], low[:, 0], zero, zero], axis=1)
    return tf.where(present[:, tf.newaxis], maps, (*nowhere(canvas), 0.0, 0.0)), present


def face_crop(images: tf.Tensor, keypoints: tf.Tensor, size: int) -> tuple[tf.Tensor, tf.Tensor]:
    """Cuts out the head and brings it to one size, differentiably.

    Args:
        images: float `[B,H,W,C]`.
        keypoints: `[B,18,2]`, (y, x) in pixels of the images, -1 where missing.
        size: side of the crop in pixels.

    Returns:
        crops: `[B,size,size,C]`, zeros for people without a head.
        present: bool `[B]`.
    """
    transforms, present = face_transforms(keypoints, (images.shape[1], images.shape[2]), size)
    return affine_warp(images, transforms, (size, size)), present
