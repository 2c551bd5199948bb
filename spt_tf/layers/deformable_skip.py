"""The deformable skip connection (Siarohin et al., "Deformable GANs", Section 3.2).

For each of ten body parts the feature map is warped by the part's transform and multiplied by the part's
mask in the target; the result is the maximum over parts. Two things keep that cheap. A limb covers a few
percent of the picture, so a part is only read where its mask is not zero. And the gradient needs no warped
copy, only which part won at each place.
"""

from __future__ import annotations

from typing import Callable

import tensorflow as tf

from spt_tf import anatomy
from spt_tf.geometry.taps import Taps, bilinear_taps, compiling_with_xla, tap_products
from spt_tf.geometry.warp import rescale_transforms, source_points
from spt_tf.people import PoseTransfer


def deformable_skip(features: tf.Tensor, transfer: PoseTransfer, centred: bool = False) -> tf.Tensor:
    """Moves each body part's features from the source pose to the target pose.

    Args:
        features: float `[B,h,w,C]`, a level of the appearance stream.
        transfer: transforms and part masks at the size of the canvas; rescaled here to the level.
        centred: read at the centres of the level's pixels, not as published (`rescale_transforms`).

    Returns:
        `[B,h,w,C]` of the features' type. Its gradient with respect to the features is exact; where parts
        tie, one of them takes it. There is none with respect to the transfer.
    """
    batch, channels = tf.shape(features)[0], features.shape[3]
    level = (features.shape[1], features.shape[2])
    pixels = level[0] * level[1]
    canvas = (transfer.part_masks.shape[1], transfer.part_masks.shape[2])
    transforms = rescale_transforms(tf.cast(transfer.transforms, tf.float32), canvas, level, centred)
    masks = tf.image.resize(tf.cast(transfer.part_masks, tf.float32), level)  # [B, h, w, 10]
    largest = _largest_of_all if compiling_with_xla() else _largest_of_covered
    maximum, give_back = largest(transforms, masks, batch * pixels)

    @tf.custom_gradient
    def skip(features: tf.Tensor):
        # Without stop_gradient an eager tape would record, and so keep, every step in between.
        values, winners = maximum(tf.stop_gradient(tf.reshape(features, [-1, channels])))

        def grad(upstream: tf.Tensor) -> tf.Tensor:
            upstream = tf.cast(tf.reshape(upstream, [-1, channels]), tf.float32)
            return tf.cast(tf.reshape(give_back(upstream, winners), tf.shape(features)), features.dtype)

        return tf.cast(tf.reshape(values, tf.shape(features)), features.dtype), grad

    return tf.ensure_shape(skip(features), features.shape)


def _largest_of_covered(
    transforms: tf.Tensor, masks: tf.Tensor, size: tf.Tensor
) -> tuple[Callable, Callable]:
    """The maximum over parts, read only where masks are not zero.

    Args:
        transforms: float32 `[B,10,8]` in pixels of the level.
        masks: float32 `[B,h,w,10]`.
        size: B * h * w.

    Returns:
        maximum: `[size,C]` features -> float32 `[size,C]`, and as uint8 who won where.
        give_back: upstream gradient and winners -> gradient of the features, float32 `[size,C]`.
    """
    height, width = masks.shape[1], masks.shape[2]
    covered = tf.cast(tf.where(masks > 0), tf.int32)  # [N, 4], ordered by example, row, column, part
    example, row, column, part = tf.unstack(covered, axis=1)
    pixel = (example * height + row) * width + column
    maps = tf.gather_nd(transforms, tf.stack([example, part], axis=1))
    y, x = source_points(
        maps, tf.cast(row, tf.float32)[:, tf.newaxis], tf.cast(column, tf.float32)[:, tf.newaxis]
    )
    taps = bilinear_taps(y[:, 0], x[:, 0], example * (height * width), (height, width))
    taps = Taps(taps.places, taps.weights * tf.gather_nd(masks, covered)[:, tf.newaxis])
    read, add = tap_products(taps, size)
    # Where parts tie the highest code wins; 0 means nobody.
    code = tf.cast(part + 1, tf.uint8)[:, tf.newaxis]
    everywhere = tf.reshape(tf.reduce_all(masks > 0, axis=-1), [-1, 1])

    def maximum(table: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
        values = read(table)  # [N, C]
        # A part that does not cover a pixel counts there with value zero.
        floor = tf.where(everywhere, tf.float32.min, 0.0)
        best = tf.maximum(tf.math.unsorted_segment_max(values, pixel, size), floor)
        # Products, because tf.where takes five times as long on these.
        claims = tf.cast(values == tf.gather(best, pixel), tf.uint8) * code
        return best, tf.math.unsorted_segment_max(claims, pixel, size)

    def give_back(upstream: tf.Tensor, winners: tf.Tensor) -> tf.Tensor:
        won = tf.cast(tf.gather(winners, pixel) == code, tf.float32)
        return add(won * tf.gather(upstream, pixel))

    return maximum, give_back


def _largest_of_all(transforms: tf.Tensor, masks: tf.Tensor, size: tf.Tensor) -> tuple[Callable, Callable]:
    """As `_largest_of_covered`, part by part over all pixels: static shapes, for XLA."""
    height, width = masks.shape[1], masks.shape[2]
    columns = tf.tile(tf.range(width, dtype=tf.float32), [height])
    rows = tf.repeat(tf.range(height, dtype=tf.float32), width)
    first_row = tf.range(size) // (height * width) * (height * width)

    def products(part: tf.Tensor) -> tuple[Callable, Callable]:
        y, x = source_points(tf.gather(transforms, part, axis=1), rows, columns)
        taps = bilinear_taps(tf.reshape(y, [-1]), tf.reshape(x, [-1]), first_row, (height, width))
        weights = taps.weights * tf.reshape(tf.gather(masks, part, axis=3), [-1, 1])
        return tap_products(Taps(taps.places, weights), size)

    # Loops, because ten parts in a row take minutes to compile.
    def maximum(table: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
        def one_more(part: tf.Tensor, best: tf.Tensor, winners: tf.Tensor):
            values = products(part)[0](table)
            winners = tf.where(values > best, tf.cast(part, tf.uint8), winners)
            return part + 1, tf.maximum(best, values), winners

        nothing = tf.fill(tf.shape(table), tf.float32.min)
        start = (0, nothing, tf.zeros_like(table, tf.uint8))
        return tf.while_loop(_not_all_parts, one_more, start)[1:]

    def give_back(upstream: tf.Tensor, winners: tf.Tensor) -> tf.Tensor:
        def one_more(part: tf.Tensor, total: tf.Tensor):
            won = tf.where(winners == tf.cast(part, tf.uint8), upstream, 0.0)
            return part + 1, total + products(part)[1](won)

        return tf.while_loop(_not_all_parts, one_more, (0, tf.zeros_like(upstream)))[1]

    return maximum, give_back


def _not_all_parts(part: tf.Tensor, *_: tf.Tensor) -> tf.Tensor:
    return part < anatomy.NUM_PARTS
