"""The regions whose textures the style loss compares: labels (the paper's), person and rest, or patches.

The last two are the paper's ablation of its semantic-aware style loss (Section 4, "mask-style" and
"patch-style", the latter after Pumarola et al., "Unsupervised Person Image Synthesis in Arbitrary Poses").
"""

from __future__ import annotations

from typing import NamedTuple

import tensorflow as tf

from spt_tf.anatomy import STYLE_LABELS

PATCH_SIDE = 1 / 8  # of the canvas's height: about a forearm's length


class Regions(NamedTuple):
    """K regions of a picture.

    masks: `[B,H,W,K]` in [0, 1], may be soft. present: bool `[B,K]`, which of them the picture has.
    """

    masks: tf.Tensor
    present: tf.Tensor


def label_regions(parsing: tf.Tensor) -> Regions:
    """Psi_l(S) for l of `STYLE_LABELS`: parsing `[B,H,W,10]`, one-hot or softmax -> 8 regions.

    A map contains a label where it gives some pixel at least half to it: any pixel of a one-hot map, but
    not the tail of a softmax, which would claim every label everywhere.
    """
    # the style labels are the last ones, so a slice does
    masks = parsing[..., STYLE_LABELS[0] : STYLE_LABELS[-1] + 1]
    return Regions(masks, tf.reduce_any(masks >= 0.5, axis=[1, 2]))


def mask_regions(pose_mask: tf.Tensor) -> Regions:
    """The person and the rest: pose mask M `[B,H,W,1]` in {0, 1} -> 2 regions."""
    masks = tf.concat([pose_mask, 1.0 - pose_mask], axis=-1)
    return Regions(masks, tf.reduce_any(masks >= 0.5, axis=[1, 2]))


def patch_regions(keypoints: tf.Tensor, canvas: tuple[int, int]) -> Regions:
    """Squares of `PATCH_SIDE` centred at the joints: keypoints `[B,18,2]`, -1 missing -> 18 regions.

    canvas: (height, width). Patches are cut at the border of the canvas.
    """
    height, width = canvas
    reach = PATCH_SIDE * height / 2.0
    rows = tf.abs(tf.range(float(height))[:, tf.newaxis] - keypoints[:, tf.newaxis, :, 0]) <= reach
    columns = tf.abs(tf.range(float(width))[:, tf.newaxis] - keypoints[:, tf.newaxis, :, 1]) <= reach
    inside = tf.logical_and(rows[:, :, tf.newaxis], columns[:, tf.newaxis])  # [B, H, W, 18]
    present = tf.reduce_all(keypoints >= 0.0, axis=-1)
    return Regions(tf.cast(tf.logical_and(inside, present[:, tf.newaxis, tf.newaxis]), tf.float32), present)
