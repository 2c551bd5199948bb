"""Mirror images of people: the picture is turned, and left and right change their names."""

from __future__ import annotations

import tensorflow as tf

from spt_tf.anatomy import MIRRORED_JOINTS, MIRRORED_LABELS


def mirror_image(image: tf.Tensor) -> tf.Tensor:
    """`[..., H, W, 3]` -> the same, column x at W-1-x."""
    return tf.reverse(image, axis=[-2])


def mirror_parsing(labels: tf.Tensor) -> tf.Tensor:
    """uint8 `[..., H, W]` label maps -> the same, a left arm becoming a right one, and so on."""
    renamed = tf.gather(tf.constant(MIRRORED_LABELS, labels.dtype), tf.cast(labels, tf.int32))
    return tf.reverse(renamed, axis=[-1])


def mirror_soft_parsing(parsing: tf.Tensor) -> tf.Tensor:
    """float `[..., H, W, 10]`, one-hot or softmax -> the same, a left arm becoming a right one, and so on."""
    return tf.gather(tf.reverse(parsing, axis=[-2]), MIRRORED_LABELS, axis=-1)


def mirror_keypoints(keypoints: tf.Tensor, width: int) -> tf.Tensor:
    """float32 `[..., 18, 2]` (y, x) keypoints -> the same, x at W-1-x; missing joints stay missing.

    A joint in the last half pixel, beyond W-1, is put on column 0: it must not turn negative, which would
    mean missing.
    """
    present = tf.reduce_all(keypoints >= 0, axis=-1, keepdims=True)
    y, x = tf.split(keypoints, 2, axis=-1)
    turned = tf.concat([y, tf.maximum(width - 1 - x, 0)], axis=-1)
    return tf.gather(tf.where(present, turned, keypoints), MIRRORED_JOINTS, axis=-2)
