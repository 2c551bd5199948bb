"""What stands beside the numbers: formats, versions, what is left out and why, and the per-pair table."""

from __future__ import annotations

import csv
import io
import platform
from collections.abc import Iterable, Sequence

import cv2
import keras
import numpy as np
import tensorflow as tf

from spt_tf.evaluation.metrics.metric import Metric
from spt_tf.evaluation.metrics.registry import left_out
from spt_tf.evaluation.score_table import ScoreTable


def formats(metrics: Sequence[Metric]) -> dict[str, str]:
    """Range, unit and averaging of every number; numbers of which the same is true stand together."""
    return _together(item for metric in metrics for item in metric.describe().items())


def left_out_metrics(metrics: Sequence[Metric]) -> dict[str, str]:
    """What is not measured, and why; metrics of one reason stand together."""
    reasons = [(metric.title, left_out(metric)) for metric in metrics]
    return _together((title, reason) for title, reason in reasons if reason is not None)


def _together(sentences: Iterable[tuple[str, str]]) -> dict[str, str]:
    names: dict[str, list[str]] = {}
    for name, sentence in sentences:
        names.setdefault(sentence, []).append(name)
    return {", ".join(named): sentence for sentence, named in names.items()}


def pairs_table(table: ScoreTable, turned: np.ndarray) -> str:
    """CSV of one line a pair; columns method/column of all that a pair has one number of."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    columns = {
        f"{method}/{name}": values
        for method in table.methods
        for name, values in table.scalars(method).items()
    }
    writer.writerow(["from", "to", "changes_view", *columns])
    for place, (pair, turns) in enumerate(zip(table.pairs, turned)):
        values = [f"{float(column[place]):.9g}" for column in columns.values()]
        writer.writerow([*pair, int(turns), *values])
    return text.getvalue()


def versions() -> dict[str, str]:
    """Of what computed the numbers."""
    return {
        "python": platform.python_version(),
        "tensorflow": tf.__version__,
        "keras": keras.__version__,
        "numpy": np.__version__,
        "opencv": cv2.__version__,
    }
