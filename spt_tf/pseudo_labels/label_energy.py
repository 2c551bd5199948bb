"""The energy of many pairs at once, from label maps: `energy.pair_energy` without its empty space.

One-hot maps need not be written out. At a pixel the warped source is four weighted taps, each of one label,
so its squared distance to the candidate's label is a sum over the taps. And a part is evaluated only on the
box, in the candidate's frame, that both people's part fits in.
"""

from __future__ import annotations

import numpy as np
import tensorflow as tf

from spt_tf.pseudo_labels.packed_people import PackedPeople
from spt_tf.pseudo_labels.pixel_runs import RUN, runs_of_boxes, squared_differences
from spt_tf.pseudo_labels.rigid_parts import rigid_part_transforms

# Work is handed to the compiled function in pieces of one size, so that it is compiled once. Any sizes give
# the same energies.
_PAIRS = 2048
_PARTS = 2048
_RUNS = 1 << 16


def label_energy(people: PackedPeople, sources: np.ndarray, candidates: np.ndarray) -> np.ndarray:
    """The energy of K pairs.

    Args:
        people: whose.
        sources, candidates: integers `[K]`, positions in `people`.

    Returns:
        float64 `[K]`, equal to `pair_energy` of the one-hot maps up to float32 rounding. A pair's energy does
        not depend on what other pairs are asked for with it.
    """
    pieces = [
        _energy_of_piece(
            people, np.asarray(sources)[start : start + _PAIRS], candidates[start : start + _PAIRS]
        )
        for start in range(0, len(candidates), _PAIRS)
    ]
    return np.concatenate(pieces) if pieces else np.zeros(0)


def _energy_of_piece(people: PackedPeople, sources: np.ndarray, candidates: np.ndarray) -> np.ndarray:
    source_areas, candidate_areas = people.areas[sources], people.areas[candidates]
    both = (source_areas > 0) & (candidate_areas > 0)  # [K, 10]
    pair, part = np.nonzero(both)
    costs = np.where(both, 0, source_areas + candidate_areas).astype(np.float64)  # one-sided parts
    if pair.size:
        used, places = np.unique(np.concatenate([sources, candidates]), return_inverse=True)
        table = np.zeros((min(2 * _PAIRS, len(people.pixels)), *people.canvas), np.uint16)
        table[: used.size] = people.pixels[used]
        maps = _part_maps(people, sources, candidates)[pair, part]
        boxes = _boxes(people, sources[pair], candidates[pair], part, maps)
        source_rows, candidate_rows = places.reshape(2, -1)[:, pair]
        costs[both] = _part_costs(table, source_rows, candidate_rows, part, maps, boxes)
    return costs.sum(axis=1)


def _part_maps(people: PackedPeople, sources: np.ndarray, candidates: np.ndarray) -> np.ndarray:
    """f_j of each pair, float32 `[K,10,6]`: candidate pixel -> source pixel."""
    short = _PAIRS - len(sources)
    padded = (people.keypoints[np.pad(v, (0, short))] for v in (sources, candidates))
    return _compiled_maps(*padded).numpy()[: len(sources)]


@tf.function(jit_compile=True, autograph=False)
def _compiled_maps(source_keypoints: tf.Tensor, candidate_keypoints: tf.Tensor) -> tf.Tensor:
    return rigid_part_transforms(source_keypoints, candidate_keypoints)[..., :6]


def _boxes(
    people: PackedPeople, sources: np.ndarray, candidates: np.ndarray, part: np.ndarray, maps: np.ndarray
) -> np.ndarray:
    """First row, first column, rows and columns that hold all there is of a part, int32 `[R,4]`."""
    a0, a1, a2, b0, b1, b2 = maps.astype(np.float64).T[..., np.newaxis]  # [R, 1] each
    outline = people.outlines[sources, part].astype(np.float64)  # [R, 4, 2]
    y, x = outline[..., 0] - b2, outline[..., 1] - a2
    last = np.array(people.canvas) - 1
    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
        determinant = a0 * b1 - a1 * b0
        corners = np.stack([a0 * y - b0 * x, b1 * x - a1 * y], axis=-1) / determinant[..., np.newaxis]
        # A bilinear tap reaches one source pixel beyond the part.
        margin = (np.abs(np.stack([b0, b1], -1)) + np.abs(np.stack([a0, a1], -1)))[:, 0] / np.abs(determinant)
        low, high = corners.min(axis=1) - margin, corners.max(axis=1) + margin
    known = np.isfinite(low) & np.isfinite(high)
    low = np.where(known, np.floor(np.clip(low, 0, last)), 0)
    high = np.where(known, np.ceil(np.clip(high, 0, last)), last)
    own = people.boxes[candidates, part]
    low, high = np.minimum(low, own[:, :2]), np.maximum(high, own[:, 2:])
    return np.concatenate([low, high - low + 1], axis=1).astype(np.int32)


def _part_costs(
    table: np.ndarray,
    sources: np.ndarray,
    candidates: np.ndarray,
    part: np.ndarray,
    maps: np.ndarray,
    boxes: np.ndarray,
) -> np.ndarray:
    """The term of one part of one pair in the energy, for R of them: float32 `[R]`.

    Args:
        table: uint16 `[T,H,W]`, `PackedPeople.pixels` of the people concerned.
        sources, candidates: integers `[R]`, rows of the table.
        part: integers `[R]`.
        maps: float32 `[R,6]`.
        boxes: int32 `[R,4]`, where to look.
    """
    table = tf.constant(table)
    whole = np.stack([sources, candidates, part, *boxes.T], axis=1).astype(np.int32)
    counts = boxes[:, 2].astype(np.int64) * -(-boxes[:, 3] // RUN)  # runs that cover each box
    ends = np.cumsum(counts)
    costs, start = np.empty(len(part), np.float32), 0
    while start < len(part):
        before = ends[start] - counts[start]
        stop = min(int(np.searchsorted(ends, before + _RUNS, side="right")), start + _PARTS)
        rows, short = slice(start, stop), (0, _PARTS - (stop - start))
        begins = ends[rows] - counts[rows] - before
        number = int(ends[stop - 1] - before)
        row_of = np.zeros(_RUNS, np.int32)
        row_of[:number] = np.repeat(np.arange(stop - start, dtype=np.int32), counts[rows])
        runs = runs_of_boxes(
            row_of,
            np.pad(begins.astype(np.int32), short),
            np.pad(whole[rows], (short, (0, 0)), mode="edge"),
            np.pad(maps[rows], (short, (0, 0))),
            tuple(table.shape[1:]),
        )
        sums = squared_differences(table, runs).numpy()[:number]
        costs[rows] = np.add.reduceat(sums, begins)
        start = stop
    return costs
