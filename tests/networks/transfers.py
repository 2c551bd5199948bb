"""Simple pose transfers for the networks' tests."""

from __future__ import annotations

import tensorflow as tf

from spt_tf.anatomy import NUM_PARTS
from spt_tf.people import PoseTransfer


def shift_right(batch: int, canvas: tuple[int, int], pixels: float) -> PoseTransfer:
    """Every part, everywhere in the canvas, moves right by `pixels`."""
    transform = tf.constant([1.0, 0.0, -pixels, 0.0, 1.0, 0.0, 0.0, 0.0])
    return PoseTransfer(
        transforms=tf.tile(transform[tf.newaxis, tf.newaxis], [batch, NUM_PARTS, 1]),
        part_masks=tf.ones([batch, *canvas, NUM_PARTS]),
    )
