"""The nouns that travel between rooms: a person, a pose, and a transfer from one pose to another."""

from __future__ import annotations

from typing import NamedTuple

import tensorflow as tf


class Person(NamedTuple):
    """A batch of people.

    image: float32 `[B,H,W,3]` in [-1, 1] (I_ps).
    parsing: float32 `[B,H,W,10]`, one-hot or softmax over `anatomy.LABELS` (S_ps); None where nobody
        has or wants one.
    keypoints: float32 `[B,18,2]`, (y, x) in pixels, -1 where a joint is missing.
    """

    image: tf.Tensor
    parsing: tf.Tensor | None
    keypoints: tf.Tensor


class Pose(NamedTuple):
    """A batch of poses as the networks see them.

    heatmaps: float32 `[B,H,W,18]` in [0, 1], zero for missing joints (p).
    mask: float32 `[B,H,W,1]` in {0, 1} (M).
    """

    heatmaps: tf.Tensor
    mask: tf.Tensor


class PoseTransfer(NamedTuple):
    """How each body part moves from a source pose to a target pose (Siarohin et al., Section 3.2).

    transforms: float32 `[B,10,8]`, rows (a0, a1, a2, b0, b1, b2, 0, 0) that map a target pixel to
        the source pixel it is read from, in pixels of the canvas.
    part_masks: float32 `[B,H,W,10]` in {0, 1}, the part's place in the target.
    levels: what `geometry.part_places` has found of it for feature maps of some sizes, if anything.
    """

    transforms: tf.Tensor
    part_masks: tf.Tensor
    levels: tuple = ()
