"""The paper's failure cases as data: a wrong source parsing, and a target pose that training never saw."""

from __future__ import annotations

import zlib
from collections.abc import Sequence

import numpy as np
import tensorflow as tf

from spt_tf import anatomy
from spt_tf.evaluation.methods import Method
from spt_tf.evaluation.score_table import ScoreTable
from spt_tf.inference import Generated
from spt_tf.pseudo_labels.pose_distance import pose_distance

AMOUNTS = (0.0, 0.1, 0.2, 0.4, 0.8)
RARITY_BINS = 4


def corrupt_parsing(labels: np.ndarray, amount: float, seed: int) -> np.ndarray:
    """Gives a round patch of a person a wrong label, as parsers do where clothes are unclear.

    The patch grows around one pixel with `amount`, so that a larger one holds the smaller.

    Args:
        labels: uint8 `[H,W]`, labels 0..9.
        amount: share of the person's pixels (labels 1..9) that the patch takes, 0..1.
        seed: draws centre and label, the label being another than the centre's.

    Returns:
        uint8 `[H,W]`; a map without a person is given back as it is.
    """
    rows, columns = np.nonzero(labels)
    if not len(rows):
        return labels.copy()
    random = np.random.default_rng(seed)
    centre = random.integers(len(rows))
    true_label = int(labels[rows[centre], columns[centre]])
    wrong = (true_label + random.integers(1, anatomy.NUM_LABELS)) % anatomy.NUM_LABELS
    distance = (rows - rows[centre]) ** 2 + (columns - columns[centre]) ** 2
    chosen = np.argsort(distance, kind="stable")[: round(amount * len(rows))]
    corrupted = labels.copy()
    corrupted[rows[chosen], columns[chosen]] = wrong
    return corrupted


def with_corrupted_parsing(method: Method, amount: float) -> Method:
    """The method, given source parsings of which `amount` is wrong; the same patch in every run."""

    def corrupted(batch: dict[str, tf.Tensor]) -> Generated:
        return method({**batch, "source_parsing": tf.constant(corrupted_parsings(batch, amount))})

    return corrupted


def corrupted_parsings(batch: dict[str, tf.Tensor], amount: float) -> np.ndarray:
    """uint8 `[B,H,W]`: the source parsings of a batch of `data.pipeline.pair_batches`, corrupted."""
    names = batch["source_name"].numpy().tolist()
    maps = batch["source_parsing"].numpy()
    return np.stack([corrupt_parsing(m, amount, zlib.crc32(name)) for m, name in zip(maps, names)])


def pose_rarity(
    target_keypoints: np.ndarray, training_keypoints: np.ndarray, height: int
) -> tuple[np.ndarray, np.ndarray]:
    """How far each target pose is from the training poses.

    Args:
        target_keypoints: float32 `[N,18,2]`, (y, x) in pixels, -1 where missing.
        training_keypoints: float32 `[M,18,2]`, on the same canvas.
        height: of the canvas.

    Returns:
        distance of the nearest training pose, `[N]`, as a share of the height (mean over the joints that both
        have, shift removed; infinite where none is shared); and its place, int `[N]`.
    """
    nearest, places = [], []
    for start in range(0, len(target_keypoints), 256):
        distances = pose_distance(target_keypoints[start : start + 256], training_keypoints).numpy()
        nearest.append(distances.min(axis=1))
        places.append(distances.argmin(axis=1))
    return np.concatenate(nearest) / height, np.concatenate(places)


def bins_by_rarity(rarity: np.ndarray, count: int = RARITY_BINS) -> list[np.ndarray]:
    """Places of the pairs in `count` bins of (nearly) equal size, the commonest poses first."""
    return [part for part in np.array_split(np.argsort(rarity, kind="stable"), count) if len(part)]


def scores_by_rarity(
    table: ScoreTable, rarity: np.ndarray, methods: Sequence[str]
) -> list[dict[str, object]]:
    """For each bin: nearest and farthest distance, and each method's means (`ScoreTable.summarize`)."""
    return [
        {
            "distance_from": float(rarity[part].min()),
            "distance_to": float(rarity[part].max()),
            "means": {method: table.select(part).summarize(method) for method in methods},
        }
        for part in bins_by_rarity(rarity)
    ]
