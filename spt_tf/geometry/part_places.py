"""Where every body part is read from in a feature map of one size: all that a deformable skip needs of poses.

H_S and H_A move by the same poses, so the places of a size are found once for both.
"""

from __future__ import annotations

from typing import NamedTuple

import tensorflow as tf

from spt_tf.geometry.taps import Taps, bilinear_taps, compiling_with_xla, tap_matrix
from spt_tf.geometry.warp import rescale_transforms, source_points, warp_points, warp_taps
from spt_tf.people import PoseTransfer


class PartPlaces(NamedTuple):
    """The parts where they are: the torso's everywhere, the others only at the N pixels that they cover.

    reads: float32 `[B*h*w + N, B*h*w]`, by what weights the torso at each pixel, and then each of the N, is
        read from the features' pixels; the part's mask is in them.
    pixel: int64 `[N]`, where each of the N is in the result.
    part: float32 `[N,1]`, which part each of them is, from 1 up.
    by_all: bool `[B,h,w,1]`, whether all ten parts cover a pixel.
    """

    reads: tf.SparseTensor
    pixel: tf.Tensor
    part: tf.Tensor
    by_all: tf.Tensor

    @property
    def size(self) -> tuple[int, int]:
        """(h, w)."""
        return tuple(self.by_all.shape[1:3])


class PartMaps(NamedTuple):
    """The parts over all pixels, with static shapes, for XLA.

    transforms: float32 `[B,10,8]` in pixels of the level. masks: float32 `[B,h,w,10]`.
    """

    transforms: tf.Tensor
    masks: tf.Tensor

    @property
    def size(self) -> tuple[int, int]:
        """(h, w)."""
        return tuple(self.masks.shape[1:3])


def part_places(transfer: PoseTransfer, size: tuple[int, int], centred: bool) -> PartPlaces | PartMaps:
    """The places in features of a size (h, w). They carry no gradient.

    centred: read at the centres of the level's pixels, not as published (`rescale_transforms`).
    """
    canvas = (transfer.part_masks.shape[1], transfer.part_masks.shape[2])
    transforms = rescale_transforms(tf.cast(transfer.transforms, tf.float32), canvas, size, centred)
    masks = tf.image.resize(tf.cast(transfer.part_masks, tf.float32), size)  # [B, h, w, 10]
    if compiling_with_xla():
        return PartMaps(transforms, masks)
    height, width = size
    limb_masks = masks[..., 1:]
    covered = tf.where(limb_masks > 0)  # int64 [N, 4], ordered by example, row, column, part
    # slices, because a GPU does not split int64
    example, row, column, part = (covered[:, axis : axis + 1] for axis in range(4))  # [N, 1]
    maps = tf.gather_nd(transforms[:, 1:], tf.concat([example, part], axis=1))
    y, x = source_points(maps, tf.cast(row, tf.float32), tf.cast(column, tf.float32))
    limbs = y, x, example * (height * width), tf.expand_dims(tf.gather_nd(limb_masks, covered), 1)
    torso = *warp_points(transforms[:, 0], size, size), tf.reshape(masks[..., 0], [-1, 1])
    y, x, first_row, mask = (tf.concat(both, axis=0) for both in zip(torso, limbs))
    taps = bilinear_taps(y, x, first_row, size)
    reads = tap_matrix(Taps(taps.places, taps.weights * mask), tf.shape(masks)[0] * (height * width))
    pixel = tf.squeeze((example * height + row) * width + column, 1)
    by_all = tf.reduce_all(masks > 0, axis=-1, keepdims=True)
    return PartPlaces(reads, pixel, tf.cast(part + 1, tf.float32), by_all)


def at_levels(transfer: PoseTransfer, levels: int, centred: bool) -> PoseTransfer:
    """The transfer with its places in a pyramid of so many levels, the canvas and its halves."""
    height, width = transfer.part_masks.shape[1:3]
    sizes = [(height >> level, width >> level) for level in range(levels)]
    return transfer._replace(levels=tuple(part_places(transfer, size, centred) for size in sizes))


def taps_everywhere(transforms: tf.Tensor, mask: tf.Tensor) -> Taps:
    """Where all pixels read one part, weighed by its mask: transforms `[B,8]`, mask `[B,h,w]`."""
    level = (mask.shape[1], mask.shape[2])
    taps = warp_taps(transforms, level, level)
    return Taps(taps.places, taps.weights * tf.reshape(mask, [-1, 1]))
