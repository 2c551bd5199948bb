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
import tensorflow as tf

from spt_tf.anatomy import NUM_LABELS, NUM_PARTS
from spt_tf.pseudo_labels.packed_people import LABEL_BITS, PackedPeople

# Cells down and across each part, in the order of anatomy.BODY_PARTS.
COARSE = ((8, 8), (8, 8), *((8, 4),) * 8)
FINE = ((24, 20), (24, 24), *((24, 12),) * 8)
_NOWHERE = 255  # a cell outside the part or the canvas
_PEOPLE = 1024  # sampled at a time
_SOURCES = 32  # whose cells are compared at a time: one number, that it is compiled once
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
        lacking = np.rint(unit) * (areas == 0)
        alone = weights.sum(axis=1, keepdims=True)
        differences = _differences(labels, weights).numpy()
        return np.concatenate([differences, lacking, alone], axis=1, dtype=np.float32)

    def energies(self, sources: np.ndarray, candidates: np.ndarray) -> np.ndarray:
        """Approximate energies of sources `[Q]`, each with candidates of its own `[Q,C]`: float64 `[Q,C]`."""
        pieces = np.array_split(np.arange(len(sources)), max(1, -(-len(sources) // _SOURCES)))
        costs = np.concatenate([self._cell_costs(sources[piece], candidates[piece]) for piece in pieces])
        total = (costs * self.weights[candidates]).sum(axis=-1)
        lacking = self.areas[sources][:, np.newaxis] * (self.areas[candidates] == 0)
        return (total + lacking.sum(axis=-1)) / self.scales[candidates]

    def _cell_costs(self, sources: np.ndarray, candidates: np.ndarray) -> np.ndarray:
        """Cells of each part that cost, one that differs twice: int32 `[Q,C,10]`, for Q up to `_SOURCES`."""
        ends = np.cumsum(np.bincount(self.part_of_cell, minlength=NUM_PARTS))
        short = _SOURCES - len(sources)
        own, theirs = (
            self.labels[np.pad(rows, [(0, short), *[(0, 0)] * (rows.ndim - 1)])]
            for rows in (sources, candidates)
        )
        return _counted(own, theirs, tuple(map(int, ends))).numpy()[: len(sources)]


def part_grids(people: PackedPeople, sizes: tuple[tuple[int, int], ...], per_pixel: bool) -> PartGrids:
    """Samples everyone's parts at the nearest pixels of their grids.

    sizes: cells down and across each part: `COARSE` or `FINE`.
    per_pixel: whether energies are divided by the area of the candidate's parts.
    """
    count = len(people.pixels)
    cells = [down * across for down, across in sizes]
    labels = np.empty((count, sum(cells)), np.uint8)
    numbers = np.empty((count, NUM_PARTS), np.int64)
    for start in range(0, count, _PEOPLE):
        some = slice(start, start + _PEOPLE)
        for part, (end, grid) in enumerate(zip(np.cumsum(cells), sizes)):
            sampled = _sampled(people, some, part, grid)
            labels[some, end - cells[part] : end] = sampled
            numbers[some, part] = np.count_nonzero(sampled != _NOWHERE, axis=1)
    part_of_cell = np.repeat(np.arange(NUM_PARTS), cells)
    scales = people.part_area() if per_pixel else np.ones(count)
    weights = people.areas / np.maximum(numbers, 1)
    return PartGrids(labels, part_of_cell, people.areas, weights, scales)


def _sampled(people: PackedPeople, some: slice, part: int, grid: tuple[int, int]) -> np.ndarray:
    """Labels of one part of some people at the grid's (down, across) cells: uint8 `[N,cells]`."""
    down, across = grid
    height, width = people.canvas
    t, s = np.meshgrid((np.arange(across) + 0.5) / across, (np.arange(down) + 0.5) / down)
    corner_weights = np.stack([(1 - s) * (1 - t), (1 - s) * t, s * t, s * (1 - t)]).reshape(4, -1)
    points = np.einsum("nkd,kc->dnc", people.outlines[some, part], corner_weights)
    y, x = np.rint(points).astype(np.int32)  # [N, cells]
    inside = (y >= 0) & (y < height) & (x >= 0) & (x < width)
    person = np.arange(len(people.pixels))[some, np.newaxis]
    pixels = people.pixels[person, y.clip(0, height - 1), x.clip(0, width - 1)]
    inside &= (pixels >> (LABEL_BITS + part)) & 1 > 0
    return np.where(inside, pixels & ((1 << LABEL_BITS) - 1), _NOWHERE).astype(np.uint8)


def _one_hot(labels: np.ndarray) -> np.ndarray:
    """float32 `[N,K*10]`; zeros for cells that are nowhere."""
    return (
        (labels[..., np.newaxis] == np.arange(NUM_LABELS, dtype=np.uint8))
        .reshape(len(labels), -1)
        .astype(np.float32)
    )


@tf.function(jit_compile=True, autograph=False)
def _differences(labels: tf.Tensor, weights: tf.Tensor) -> tf.Tensor:
    """float32 `[C,K*10]`: a cell's weight, negative at its own label."""
    same = labels[..., tf.newaxis] == tf.constant(np.arange(NUM_LABELS, dtype=np.uint8))
    weights = weights[..., tf.newaxis]
    return tf.reshape(tf.where(same, -weights, weights), [labels.shape[0], labels.shape[1] * NUM_LABELS])


@tf.function(jit_compile=True, autograph=False)
def _counted(sources: tf.Tensor, candidates: tf.Tensor, ends: tuple[int, ...]) -> tf.Tensor:
    """`PartGrids._cell_costs` of labels uint8 `[Q,K]` and `[Q,C,K]`, whose parts end at these cells."""
    sources = sources[:, tf.newaxis]
    twice = tf.cast((sources != _NOWHERE) & (sources != candidates), tf.int32)
    # A cell that both have counts 2 where they differ, one that only the candidate has 1.
    only = tf.cast(sources == _NOWHERE, tf.int32)
    costs = tf.where(candidates != _NOWHERE, 2 * twice + only, 0)
    begins = (0, *ends[:-1])
    return tf.stack([tf.reduce_sum(costs[..., a:b], axis=-1) for a, b in zip(begins, ends)], axis=-1)
