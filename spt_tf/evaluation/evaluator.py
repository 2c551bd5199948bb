"""Generates the people of test pairs in batches and scores them against the true target images."""

from __future__ import annotations

import contextlib
import hashlib
import os
from collections.abc import Mapping, Sequence

import numpy as np
import tensorflow as tf
import tqdm

from spt_tf.data.people_index import PeopleIndex
from spt_tf.data.pipeline import pair_batches
from spt_tf.evaluation.column_store import ColumnStore
from spt_tf.evaluation.methods import Method
from spt_tf.evaluation.metrics.metric import Columns, Metric, Output
from spt_tf.evaluation.score_table import ScoreTable

_TRUTH = "true_target"  # stands where a method's name does


def evaluate_pairs(
    methods: Mapping[str, Method],
    index: PeopleIndex,
    pairs: Sequence[tuple[str, str]],
    metrics: Sequence[Metric],
    batch_size: int,
    store_dir: str | os.PathLike,
    identity: Mapping[str, object],
) -> ScoreTable:
    """Scores every method on every pair by every metric, with a progress bar; no image is generated twice.

    Args:
        methods: by the name that results stand under.
        index: the people the pairs name.
        pairs: (source, target) names; the target's own image is the truth.
        metrics: opened.
        batch_size: pairs generated at once.
        store_dir: the `ColumnStore` in which finished pairs are kept: the same call carries on from there.
        identity: what makes scores comparable beside methods, metrics and pairs (weights, data); a store of
            another identity is begun anew.

    Returns:
        the scores of all pairs, in order. The columns of metrics of the whole set have given way to its
        numbers, in the table and on disk.
    """
    # Scored pairs are a beginning of the list: the identity holds the list itself.
    identity = {
        **identity,
        "metrics": {metric.name: metric.identity() for metric in metrics},
        "methods": sorted(methods),
        "pairs": _digest(pairs),
    }
    store = ColumnStore(store_dir, identity)
    if store.result is not None and store.rows < len(pairs):  # columns are damaged, others are gone
        store.clear()
    with contextlib.closing(
        tqdm.tqdm(total=len(pairs), initial=store.rows, unit="pair", desc="evaluate")
    ) as bar:
        for batch in pair_batches(index, pairs[store.rows :], batch_size):
            outputs = [_output(name, method, batch) for name, method in methods.items()]
            arrays = {name: tensor.numpy() for name, tensor in batch.items()}
            store.append(_measure(arrays, outputs, metrics))
            bar.update(len(arrays["source_name"]))
    set_scores = _set_scores(store, methods, [metric for metric in metrics if metric.of_the_whole_set])
    each = [metric for metric in metrics if not metric.of_the_whole_set]
    columns = {name: _read(store, name, each) for name in methods}
    return ScoreTable(tuple(pairs), each, columns, _read(store, _TRUTH, each), set_scores)


def _output(name: str, method: Method, batch: dict[str, tf.Tensor]) -> Output:
    made = method(batch)
    return Output(name, np.asarray(made.image), None if made.parsing is None else np.asarray(made.parsing))


def _measure(
    batch: Mapping[str, np.ndarray], outputs: Sequence[Output], metrics: Sequence[Metric]
) -> dict[str, np.ndarray]:
    """All columns of a batch, by "method/metric/column"."""
    columns: dict[str, np.ndarray] = {}
    for metric in metrics:
        measured = {_TRUTH: metric.measure_truth(batch)}
        measured.update({output.method: metric.measure(batch, output) for output in outputs})
        for owner, own in measured.items():
            columns.update({f"{owner}/{metric.name}/{name}": values for name, values in own.items()})
    return columns


def _read(store: ColumnStore, owner: str, metrics: Sequence[Metric]) -> dict[str, Columns]:
    """metric -> columns of a method or of the truth; a metric without columns is absent."""
    found: dict[str, Columns] = {}
    for metric in metrics:
        start = f"{owner}/{metric.name}/"
        names = [name for name in store.names if name.startswith(start)]
        if names:
            found[metric.name] = {name[len(start) :]: store.read(name) for name in names}
    return found


def _set_scores(
    store: ColumnStore, methods: Mapping[str, Method], metrics: Sequence[Metric]
) -> dict[str, dict[str, float]]:
    """method -> numbers of all pairs together; large columns are given up for them."""
    if store.result is None and metrics:
        truth = _read(store, _TRUTH, metrics)
        scores: dict[str, dict[str, float]] = {}
        for method in methods:
            scores[method] = {}
            for metric in metrics:
                columns = _read(store, method, [metric])
                if columns:
                    scores[method].update(metric.summarize(columns[metric.name], truth.get(metric.name, {})))
        names = {metric.name for metric in metrics}
        store.replace([name for name in store.names if name.split("/")[1] in names], scores)
    return store.result or {}


def fingerprint(index: PeopleIndex, pairs: Sequence[tuple[str, str]]) -> str:
    """SHA-256 of the pairs and of the images, keypoints and parsings they use."""
    digest = hashlib.sha256(_digest(pairs).encode())
    for position in sorted({index.positions[name] for pair in pairs for name in pair}):
        with open(index.image_paths[position], "rb") as image:
            digest.update(hashlib.sha256(image.read()).digest())
        digest.update(index.keypoints[position].tobytes())
        digest.update(index.parsing(position).tobytes())
    return digest.hexdigest()


def _digest(pairs: Sequence[tuple[str, str]]) -> str:
    return hashlib.sha256("\n".join(f"{source},{target}" for source, target in pairs).encode()).hexdigest()
