"""A photo of any size on a canvas, whole and undistorted, and joints back in the photo's own pixels."""

from __future__ import annotations

import tensorflow as tf

from spt_tf.anatomy import MISSING
from spt_tf.geometry.joints import joints_present


def letterboxed(photo: tf.Tensor, canvas: tuple[int, int]) -> tf.Tensor:
    """uint8 `[h,w,3]` of any size -> uint8 `[H,W,3]`: as large as it can be, in the middle of the canvas.

    Its mean colour is around it. What shrinks is averaged, as by `cv2.INTER_AREA`.
    """
    scale, offset = _placed(tf.cast(tf.shape(photo)[:2], tf.float32), canvas)
    image = tf.raw_ops.ScaleAndTranslate(
        images=photo[tf.newaxis],  # uint8 as it is: a float copy of a large photo takes four times the room
        size=canvas,
        scale=tf.stack([scale, scale]),
        translation=offset,
        kernel_type="triangle",
        antialias=True,
    )[0]
    rows, columns = (_reached(side, low) for side, low in zip(canvas, tf.unstack(offset)))
    inside = tf.cast(rows[:, tf.newaxis] & columns, tf.float32)[..., tf.newaxis]  # [H, W, 1]
    mean = tf.reduce_sum(inside * image, axis=[0, 1]) / tf.maximum(tf.reduce_sum(inside), 1.0)
    image = inside * image + (1.0 - inside) * mean
    return tf.cast(tf.clip_by_value(tf.round(image), 0.0, 255.0), tf.uint8)


def keypoints_in_photo(keypoints: tf.Tensor, sizes: tf.Tensor, canvas: tuple[int, int]) -> tf.Tensor:
    """Joints on a canvas -> in the photo's own pixels; missing where the photo does not reach.

    keypoints: float32 `[B,18,2]`, (y, x) in pixels of the canvas, -1 where missing. sizes: float32 `[B,2]`,
    (height, width) of the photos. Beyond the edge by less than a pixel of the canvas, they are on it.
    """
    scale, offset = _placed(sizes, canvas)
    scale, offset, sizes = scale[:, tf.newaxis, tf.newaxis], offset[:, tf.newaxis], sizes[:, tf.newaxis]
    places = (keypoints + 0.5 - offset) / scale - 0.5
    reach = 1.0 / scale
    near = tf.reduce_all((places > -0.5 - reach) & (places < sizes - 0.5 + reach), axis=-1)
    kept = (joints_present(keypoints) & near)[..., tf.newaxis]
    return tf.where(
        kept, tf.clip_by_value(places, 0.0, tf.maximum(sizes - 1.0, 0.0)), tf.cast(MISSING, tf.float32)
    )


def _reached(side: int, low: tf.Tensor) -> tf.Tensor:
    """Which of a canvas's rows or columns have their centre in the photo: bool `[side]`."""
    centres = tf.range(side, dtype=tf.float32) + 0.5
    return (centres >= low) & (centres < side - low)


def _placed(sizes: tf.Tensor, canvas: tuple[int, int]) -> tuple[tf.Tensor, tf.Tensor]:
    """Sizes `[...,2]` -> their scale `[...]`, and where their first pixel's edge lies `[...,2]`, (y, x)."""
    room = tf.constant(canvas, tf.float32)
    scale = tf.reduce_min(room / sizes, axis=-1)
    return scale, (room - scale[..., tf.newaxis] * sizes) / 2.0
