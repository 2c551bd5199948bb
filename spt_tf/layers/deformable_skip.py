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
from spt_tf.geometry.own_gradient import own_gradient
from spt_tf.geometry.part_places import PartMaps, PartPlaces, part_places, taps_everywhere
from spt_tf.geometry.taps import matrix_products, tap_products
from spt_tf.people import PoseTransfer


def deformable_skip(features: tf.Tensor, transfer: PoseTransfer, centred: bool = False) -> tf.Tensor:
    """Moves each body part's features from the source pose to the target pose.

    Args:
        features: float `[B,h,w,C]`, a level of the appearance stream.
        transfer: how the parts move; where it has no places of this size, they are found here.
        centred: read at the centres of the level's pixels, not as published (`rescale_transforms`).

    Returns:
        `[B,h,w,C]` of the features' type. Its gradient with respect to the features is exact; where parts
        tie, one of them takes it. There is none with respect to the transfer.
    """
    size, channels = (features.shape[1], features.shape[2]), features.shape[3]
    places = next((places for places in transfer.levels if places.size == size), None)
    if places is None:
        places = part_places(transfer, size, centred)
    if isinstance(places, PartMaps):
        maximum, give_back = _largest_of_all(places, tf.shape(features)[0] * (size[0] * size[1]))
    else:
        maximum, give_back = _largest_of_covered(places)

    @own_gradient
    def skip(features: tf.Tensor) -> tuple[tf.Tensor, Callable]:
        values, winners = maximum(tf.reshape(features, [-1, channels]))

        def grad(upstream: tf.Tensor) -> tf.Tensor:
            upstream = tf.cast(tf.reshape(upstream, [-1, channels]), tf.float32)
            return tf.cast(tf.reshape(give_back(upstream, winners), tf.shape(features)), features.dtype)

        return tf.cast(tf.reshape(values, tf.shape(features)), features.dtype), grad

    return tf.ensure_shape(skip(features), features.shape)


def _largest_of_covered(places: PartPlaces) -> tuple[Callable, Callable]:
    """The maximum over parts, of which all but the first are read only where their masks are not zero.

    The first is the torso, whose mask is the whole picture (or, bounded, a large part of it).

    Returns:
        maximum: `[B*h*w,C]` features -> float32 `[B*h*w,C]`, and who won: bool `[B*h*w,C]` for the torso at
            each pixel, bool `[N,C]` for the N pixels that other parts cover.
        give_back: upstream gradient and winners -> gradient of the features, float32 `[B*h*w,C]`.
    """
    read, add = matrix_products(places.reads)
    pixel = places.pixel
    # Where parts tie the highest code wins. Float32: a GPU neither gathers uint8 nor takes its maximum.
    code = places.part
    by_all = tf.reshape(places.by_all, [-1, 1])
    size = tf.shape(by_all)[0]

    def maximum(table: tf.Tensor) -> tuple[tf.Tensor, tuple[tf.Tensor, tf.Tensor]]:
        values = read(table)
        of_torso, values = values[:size], values[size:]  # [size, C], [N, C]
        # A part that does not cover a pixel counts there with value zero.
        best = tf.maximum(of_torso, tf.where(by_all, tf.float32.min, 0.0))
        best = tf.maximum(best, tf.math.unsorted_segment_max(values, pixel, size))
        # Products, because tf.where takes five times as long on these.
        claims = tf.cast(values == tf.gather(best, pixel), tf.float32) * code
        highest = tf.math.unsorted_segment_max(claims, pixel, size)
        return best, ((of_torso == best) & (highest < 1.0), tf.gather(highest, pixel) == code)

    def give_back(upstream: tf.Tensor, winners: tuple[tf.Tensor, tf.Tensor]) -> tf.Tensor:
        torso_won, won = (tf.cast(which, tf.float32) for which in winners)
        return add(tf.concat([torso_won * upstream, won * tf.gather(upstream, pixel)], axis=0))

    return maximum, give_back


def _largest_of_all(places: PartMaps, size: tf.Tensor) -> tuple[Callable, Callable]:
    """As `_largest_of_covered`, part by part over all pixels: static shapes, for XLA.

    size: B * h * w. The winners are the parts' indices, uint8 `[size,C]`.
    """

    def products(part: tf.Tensor) -> tuple[Callable, Callable]:
        maps, mask = tf.gather(places.transforms, part, axis=1), tf.gather(places.masks, part, axis=3)
        return tap_products(taps_everywhere(maps, mask), size)

    # Loops, because ten parts in a row take minutes to compile.
    def maximum(table: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
        def one_more(part: tf.Tensor, best: tf.Tensor, winners: tf.Tensor) -> tuple[tf.Tensor, ...]:
            values = products(part)[0](table)
            winners = tf.where(values > best, tf.cast(part, tf.uint8), winners)
            return part + 1, tf.maximum(best, values), winners

        nothing = tf.fill(tf.shape(table), tf.float32.min)
        start = (0, nothing, tf.zeros_like(table, tf.uint8))
        return tf.while_loop(_not_all_parts, one_more, start)[1:]

    def give_back(upstream: tf.Tensor, winners: tf.Tensor) -> tf.Tensor:
        def one_more(part: tf.Tensor, total: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
            won = tf.where(winners == tf.cast(part, tf.uint8), upstream, 0.0)
            return part + 1, total + products(part)[1](won)

        return tf.while_loop(_not_all_parts, one_more, (0, tf.zeros_like(upstream)))[1]

    return maximum, give_back


def _not_all_parts(part: tf.Tensor, *_: tf.Tensor) -> tf.Tensor:
    return part < anatomy.NUM_PARTS
