"""To half the size and back, pixel 2i of the whole being pixel i of the half, as the authors' code has it.

Label maps are subsampled, keypoints halved and floored, images resized bicubically (those of a generator are
averaged). A soft parsing that
`double_parsing` made is subsampled back to itself exactly.
"""

from __future__ import annotations

import functools

import numpy as np
import tensorflow as tf


def half_image(images: tf.Tensor) -> tf.Tensor:
    """float `[B,H,W,C]` in [-1, 1] -> `[B,H/2,W/2,C]`, Pillow's bicubic filter, clipped to the same range.

    Two matrix products: TensorFlow's own antialiased resize has no GPU kernel.
    """
    down = tf.constant(_halving_matrix(images.shape[1]), images.dtype)
    across = tf.constant(_halving_matrix(images.shape[2]), images.dtype)
    rows = tf.einsum("ih,bhwc->biwc", down, images)
    return tf.clip_by_value(tf.einsum("jw,biwc->bijc", across, rows), -1.0, 1.0)


def averaged_half(images: tf.Tensor) -> tf.Tensor:
    """float `[B,H,W,C] -> [B,H/2,W/2,C]`, the mean of each 2x2: a generated image, in the authors' code."""
    return tf.nn.avg_pool2d(images, 2, 2, "VALID")


def half_parsing(parsing: tf.Tensor) -> tf.Tensor:
    """`[B,H,W,...]` of any type -> every other row and column, `[B,H/2,W/2,...]`."""
    return parsing[:, ::2, ::2]


def double_parsing(parsing: tf.Tensor) -> tf.Tensor:
    """float `[B,h,w,C]` -> `[B,2h,2w,C]`, bilinear between the pixels that `half_parsing` takes."""
    size = [2 * parsing.shape[1], 2 * parsing.shape[2]]
    return tf.raw_ops.ResizeBilinear(images=parsing, size=size)


def half_keypoints(keypoints: tf.Tensor) -> tf.Tensor:
    """float32 `[B,18,2]`, (y, x) in pixels, -1 where missing -> in pixels of the half, whole numbers."""
    return tf.where(keypoints < 0, -1.0, tf.floor(keypoints / 2.0))


@functools.cache
def _halving_matrix(size: int) -> np.ndarray:
    """float32 `[size/2,size]`: Keys' cubic (a = -0.5) stretched to twice its width, rows adding up to 1."""
    centres = 2.0 * np.arange(size // 2)[:, np.newaxis] + 0.5
    x = np.abs(np.arange(size) - centres) / 2.0
    near = 1.5 * x**3 - 2.5 * x**2 + 1.0
    far = -0.5 * x**3 + 2.5 * x**2 - 4.0 * x + 2.0
    weights = np.where(x < 1, near, np.where(x < 2, far, 0.0))
    return (weights / weights.sum(axis=1, keepdims=True)).astype(np.float32)
