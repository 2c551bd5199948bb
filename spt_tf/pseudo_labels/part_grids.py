"""Everyone's body parts in their own canonical frame: labels on a small fixed grid.

There a part needs no alignment any more. The share of grid cells whose labels differ stands for the share of
a part's pixels that do, and counting equal cells of one-hot grids is a matrix product.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from spt_tf.anatomy import NUM_LABELS, NUM_PARTS
from spt_tf.pseudo_labels.packed_people import LABEL_BITS, PackedPeople

# Cells down and across each part, in the order of anatomy.BODY_PARTS.
_GRID_SIZES = ((8, 8), (8, 8), *((8, 4),) * 8)
_CELLS = sum(down * across for down, across in _GRID_SIZES)
_PART_OF_CELL = np.repeat(np.arange(NUM_PARTS), [down * across for down, across in _GRID_SIZES])
_CELLS_OF_PART = [np.flatnonzero(np.equal(_PART_OF_CELL, part)) for part in range(NUM_PARTS)]
_NOWHERE = 255  # a cell outside the part or the canvas
# Approximate energies are whole numbers of this fraction of a pixel, so that their sums are exact in
# float32, whatever the order, and a shortlist does not depend on how the work was cut.
FRACTION = 16


class PartGrids(NamedTuple):
    """N people's parts.

    labels: uint8 `[N,_CELLS]`, 255 where there is none.
    areas: int32 `[N,10]`, pixels of each part.
    """

    labels: np.ndarray
    areas: np.ndarray

    def as_sources(self, rows: np.ndarray) -> np.ndarray:
        """float32 `[Q,D]`, whose product with `as_candidates` gives approximate energies."""
        one = np.ones((len(rows), 1))
        return np.concatenate([_one_hot(self.labels[rows]), self.areas[rows], one], axis=1, dtype=np.float32)

    def as_candidates(self, rows: np.ndarray) -> np.ndarray:
        """float32 `[C,D]`, in fractions of a pixel.

        With the candidate's area A_j spread evenly over its n_j cells, a cell that both have costs
        2 A_j / n_j if the labels differ, one that only the candidate has costs A_j / n_j; a part that the
        candidate lacks costs the source's area.
        """
        labels, areas = self.labels[rows], self.areas[rows]
        there = labels != _NOWHERE
        cells = np.stack([there[:, _CELLS_OF_PART[part]].sum(axis=1) for part in range(NUM_PARTS)], axis=1)
        weights = np.rint(FRACTION * areas / np.maximum(cells, 1)).astype(np.float32)
        weights_of_cells = (weights[:, _PART_OF_CELL] * there)[..., np.newaxis]
        difference = weights_of_cells - 2 * weights_of_cells * _one_hot(labels).reshape(
            *labels.shape, NUM_LABELS
        )
        lacking = FRACTION * (areas == 0)
        alone = (weights * np.maximum(cells, 1)).sum(axis=1, keepdims=True)
        return np.concatenate([difference.reshape(len(labels), -1), lacking, alone], axis=1, dtype=np.float32)


def part_grids(people: PackedPeople) -> PartGrids:
    """Samples everyone's parts at the nearest pixels of their grids."""
    count, height, width = people.pixels.shape
    labels = np.empty((count, _CELLS), np.uint8)
    person = np.arange(count)[:, np.newaxis]
    for part, (down, across) in enumerate(_GRID_SIZES):
        t, s = np.meshgrid((np.arange(across) + 0.5) / across, (np.arange(down) + 0.5) / down)
        corner_weights = np.stack([(1 - s) * (1 - t), (1 - s) * t, s * t, s * (1 - t)]).reshape(4, -1)
        points = np.einsum("nkd,kc->dnc", people.outlines[:, part], corner_weights)
        y, x = np.rint(points).astype(np.int64)  # [N, cells]
        inside = (y >= 0) & (y < height) & (x >= 0) & (x < width)
        pixels = people.pixels[person, y.clip(0, height - 1), x.clip(0, width - 1)]
        inside &= (pixels >> (LABEL_BITS + part)) & 1 > 0
        labels[:, _CELLS_OF_PART[part]] = np.where(inside, pixels & ((1 << LABEL_BITS) - 1), _NOWHERE)
    return PartGrids(labels, people.areas)


def _one_hot(labels: np.ndarray) -> np.ndarray:
    """float32 `[N,_CELLS*10]`; zeros for cells that are nowhere."""
    return (labels[..., np.newaxis] == np.arange(NUM_LABELS)).reshape(len(labels), -1).astype(np.float32)
