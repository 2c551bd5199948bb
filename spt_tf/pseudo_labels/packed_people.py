"""Everyone's parsing and part masks in two bytes a pixel, so that a whole training set fits in memory."""

from __future__ import annotations

import os
import tempfile
from typing import NamedTuple

import numpy as np
import tensorflow as tf

from spt_tf.anatomy import NUM_PARTS
from spt_tf.data.people_index import PeopleIndex
from spt_tf.pseudo_labels.rigid_parts import rigid_part_masks, rigid_part_outlines

LABEL_BITS = 4  # the low bits hold the label, the next ten say which parts the pixel is in
_BATCH = 256


class PackedPeople(NamedTuple):
    """N people as the search sees them.

    keypoints: float32 `[N,18,2]`.
    pixels: uint16 `[N,H,W]`, the label, and bit 4+j where the pixel is in part j.
    areas: int32 `[N,10]`, pixels of each part; 0 where the person lacks it.
    boxes: int32 `[N,10,4]`, each part's first row, first column, last row and last column; 0 where lacking.
    outlines: float32 `[N,10,4,2]`, each part's corners (y, x), not cut to the canvas.
    """

    keypoints: np.ndarray
    pixels: np.ndarray
    areas: np.ndarray
    boxes: np.ndarray
    outlines: np.ndarray

    @property
    def canvas(self) -> tuple[int, int]:
        """(height, width)."""
        return self.pixels.shape[1], self.pixels.shape[2]

    def part_area(self) -> np.ndarray:
        """Pixels of all of a person's parts together, at least 1: float64 `[N]`."""
        return np.maximum(self.areas.sum(axis=1), 1).astype(np.float64)


def pack_people(index: PeopleIndex, memory_limit: int) -> PackedPeople:
    """Packs everyone of an index.

    memory_limit: above so many bytes, the pixels go to an unnamed temporary file and are mapped from there.
    """
    count, (height, width) = len(index), index.canvas
    pixels = _allocate((count, height, width), memory_limit)
    areas = np.empty((count, NUM_PARTS), np.int32)
    boxes = np.empty((count, NUM_PARTS, 4), np.int32)
    outlines = np.empty((count, NUM_PARTS, 4, 2), np.float32)
    part_bits = tf.constant([1 << (LABEL_BITS + part) for part in range(NUM_PARTS)], tf.float32)
    for start in range(0, count, _BATCH):
        batch = slice(start, min(start + _BATCH, count))
        masks = rigid_part_masks(index.keypoints[batch], index.canvas)
        labels = np.stack([index.parsing(i) for i in range(batch.start, batch.stop)])
        pixels[batch] = tf.linalg.matvec(masks, part_bits).numpy().astype(np.uint16) | labels
        areas[batch] = tf.reduce_sum(masks, axis=[1, 2]).numpy()
        rows, columns = (tf.reduce_max(masks, axis=axis).numpy() > 0 for axis in (2, 1))  # [B, H|W, 10]
        first = [v.argmax(axis=1) for v in (rows, columns)]
        last = [v.shape[1] - 1 - v[:, ::-1].argmax(axis=1) for v in (rows, columns)]
        boxes[batch] = np.where(areas[batch, :, np.newaxis] > 0, np.stack(first + last, axis=-1), 0)
        outlines[batch] = rigid_part_outlines(index.keypoints[batch])
    return PackedPeople(np.asarray(index.keypoints, np.float32), pixels, areas, boxes, outlines)


def _allocate(shape: tuple[int, ...], memory_limit: int) -> np.ndarray:
    if np.prod(shape) * np.dtype(np.uint16).itemsize <= memory_limit:
        return np.empty(shape, np.uint16)
    with tempfile.TemporaryFile(dir=os.environ.get("TMPDIR")) as file:
        return np.memmap(file, np.uint16, mode="w+", shape=shape)
