"""Everyone's body parts in their own canonical frame: labels on a small fixed grid.

There a part needs no alignment any more. The share of grid cells whose labels differ stands for the share of
a part's pixels that do, and counting equal cells of one-hot grids is a matrix product.

The approximate energy follows `energy.pair_energy`: with the candidate's area A_j spread evenly over its n_j
cells, a cell that both have costs 2 A_j / n_j if the labels differ, one that only the candidate has costs
A_j / n_j, and a part that the candidate lacks costs the source's area.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from spt_tf.anatomy import NUM_LABELS, NUM_PARTS
from spt_tf.pseudo_labels.packed_people import LABEL_BITS, PackedPeople

# Cells down and across each part, in the order of anatomy.BODY_PARTS.
COARSE = ((8, 8), (8, 8), *((8, 4),) * 8)
FINE = ((24, 20), (24, 24), *((24, 12),) * 8)
_NOWHERE = 255  # a cell outside the part or the canvas
# Where energies are summed by matrix products they are whole numbers of this fraction of a cost, so that sums
# are exact in float32, whatever the order, and a shortlist does not depend on how the work was cut.
_FRACTION = {False: 1 << 4, True: 1 << 16}  # of a pixel, or of a candidate


class PartGrids(NamedTuple):
    """N people's parts.

    labels: uint8 `[N,K]`, 255 where there is none.
    part_of_cell: int `[K]`.
    areas: int32 `[N,10]`, pixels of each part.
    weights: float64 `[N,10]`, cost of a cell of each part in a candidate, in pixels: A_j / n_j.
    scales: float64 `[N]`, what a candidate's energy is divided by: 1, or the area of all its parts.
    """

    labels: np.ndarray
    part_of_cell: np.ndarray
    areas: np.ndarray
    weights: np.ndarray
    scales: np.ndarray

    def as_sources(self, rows: np.ndarray) -> np.ndarray:
        """float32 `[Q,D]`, whose product with `as_candidates` gives approximate energies."""
        one = np.ones((len(rows), 1))
        return np.concatenate([_one_hot(self.labels[rows]), self.areas[rows], one], axis=1, dtype=np.float32)

    def as_candidates(self, rows: np.ndarray) -> np.ndarray:
        """float32 `[C,D]`, whole numbers."""
        labels, areas = self.labels[rows], self.areas[rows]
        unit = _FRACTION[bool((self.scales != 1).any())] / self.scales[rows, np.newaxis]
        weights = np.rint(unit * self.weights[rows]).astype(np.float32)[:, self.part_of_cell]
        weights *= labels != _NOWHERE
        difference = _one_hot(labels).reshape(*labels.shape, NUM_LABELS)
        difference = weights[..., np.newaxis] * (1.0 - 2.0 * difference)
        lacking = np.rint(unit) * (areas == 0)
        alone = weights.sum(axis=1, keepdims=True)
        return np.concatenate([difference.reshape(len(labels), -1), lacking, alone], axis=1, dtype=np.float32)

    def energies(self, source: int, candidates: np.ndarray) -> np.ndarray:
        """Approximate energies of one source with candidates `[C]`: float64 `[C]`."""
        labels = self.labels[candidates]
        there = labels != _NOWHERE
        cost = there * (1.0 + (self.labels[source] != _NOWHERE)) - 2.0 * there * (
            labels == self.labels[source]
        )
        # Whole numbers: exact in float32.
        by_part = cost.astype(np.float32) @ np.eye(NUM_PARTS, dtype=np.float32)[self.part_of_cell]
        total = (by_part * self.weights[candidates]).sum(axis=1)
        return (total + (self.areas[source] * (self.areas[candidates] == 0)).sum(axis=1)) / self.scales[
            candidates
        ]


def part_grids(people: PackedPeople, sizes: tuple[tuple[int, int], ...], per_pixel: bool) -> PartGrids:
    """Samples everyone's parts at the nearest pixels of their grids.

    sizes: cells down and across each part: `COARSE` or `FINE`.
    per_pixel: whether energies are divided by the area of the candidate's parts.
    """
    count, height, width = people.pixels.shape
    cells = [down * across for down, across in sizes]
    labels = np.empty((count, sum(cells)), np.uint8)
    numbers = np.empty((count, NUM_PARTS), np.int64)
    person, begin = np.arange(count)[:, np.newaxis], 0
    for part, (down, across) in enumerate(sizes):
        t, s = np.meshgrid((np.arange(across) + 0.5) / across, (np.arange(down) + 0.5) / down)
        corner_weights = np.stack([(1 - s) * (1 - t), (1 - s) * t, s * t, s * (1 - t)]).reshape(4, -1)
        points = np.einsum("nkd,kc->dnc", people.outlines[:, part], corner_weights)
        y, x = np.rint(points).astype(np.int32)  # [N, cells]
        inside = (y >= 0) & (y < height) & (x >= 0) & (x < width)
        pixels = people.pixels[person, y.clip(0, height - 1), x.clip(0, width - 1)]
        inside &= (pixels >> (LABEL_BITS + part)) & 1 > 0
        labels[:, begin : begin + cells[part]] = np.where(inside, pixels & ((1 << LABEL_BITS) - 1), _NOWHERE)
        numbers[:, part] = inside.sum(axis=1)
        begin += cells[part]
    scales = people.part_area() if per_pixel else np.ones(count)
    weights = people.areas / np.maximum(numbers, 1)
    return PartGrids(labels, np.repeat(np.arange(NUM_PARTS), cells), people.areas, weights, scales)


def _one_hot(labels: np.ndarray) -> np.ndarray:
    """float32 `[N,K*10]`; zeros for cells that are nowhere."""
    return (
        (labels[..., np.newaxis] == np.arange(NUM_LABELS, dtype=np.uint8))
        .reshape(len(labels), -1)
        .astype(np.float32)
    )
