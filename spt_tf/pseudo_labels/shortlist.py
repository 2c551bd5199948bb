"""The candidates worth an exact look, for a block of queries, out of the whole training set."""

from __future__ import annotations

import numpy as np
import tensorflow as tf

from spt_tf.pseudo_labels.part_grids import PartGrids
from spt_tf.pseudo_labels.pose_distance import pose_distance

_CANDIDATES_AT_A_TIME = 1024
_NEVER = np.iinfo(np.int64).max


def shortlists(
    grids: PartGrids, keypoints: np.ndarray, queries: np.ndarray, length: int, min_distance: float
) -> np.ndarray:
    """The `length` candidates of least approximate energy for each query, equal ones by position.

    Args:
        grids, keypoints: everyone's.
        queries: integers `[Q]`, positions.
        length: how many.
        min_distance: in pixels; candidates with a nearer pose, and the query itself, are out of the question.

    Returns:
        int64 `[Q,length]`, positions in no particular order, -1 where there are not so many.
    """
    count = len(keypoints)
    best = np.full((len(queries), length), _NEVER)
    sources = tf.constant(grids.as_sources(queries))
    for start in range(0, count, _CANDIDATES_AT_A_TIME):
        rows = np.arange(start, min(start + _CANDIDATES_AT_A_TIME, count))
        energy = tf.matmul(sources, grids.as_candidates(rows), transpose_b=True)
        keys = _keys(energy, keypoints[queries], keypoints[rows], queries, rows, count, min_distance).numpy()
        best = np.partition(np.concatenate([best, keys], axis=1), length - 1, axis=1)[:, :length]
    return np.where(best == _NEVER, -1, best % count)


def far_enough(
    keypoints: np.ndarray, queries: np.ndarray, candidates: np.ndarray, min_distance: float
) -> np.ndarray:
    """Which candidates may be paired with which queries: bool `[Q,C]`. Arguments as `shortlists`."""
    poses = keypoints[queries], keypoints[candidates]
    return _compiled_far_enough(*poses, queries, candidates, min_distance).numpy()


@tf.function(jit_compile=True, autograph=False)
def _keys(
    energy: tf.Tensor,
    source_keypoints: tf.Tensor,
    candidate_keypoints: tf.Tensor,
    queries: tf.Tensor,
    rows: tf.Tensor,
    count: tf.Tensor,
    min_distance: tf.Tensor,
) -> tf.Tensor:
    """One whole number orders by energy, then position: no two are equal, so no choice is left to chance.

    int64 `[Q,C]`, of energies `[Q,C]`; `_NEVER` where a candidate is out of the question.
    """
    allowed = _far_enough(source_keypoints, candidate_keypoints, queries, rows, min_distance)
    return tf.where(allowed, tf.cast(energy, tf.int64) * count + rows, _NEVER)


def _far_enough(
    source_keypoints: tf.Tensor,
    candidate_keypoints: tf.Tensor,
    queries: tf.Tensor,
    candidates: tf.Tensor,
    min_distance: tf.Tensor,
) -> tf.Tensor:
    distance = pose_distance(source_keypoints, candidate_keypoints)
    return (distance >= min_distance) & (queries[:, tf.newaxis] != candidates)


_compiled_far_enough = tf.function(_far_enough, jit_compile=True, autograph=False)
