"""The means of an evaluation as lines of text."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from spt_tf.evaluation.metrics.registry import table_columns

_NOTHING = "-"


def table_lines(metrics: Mapping[str, Any]) -> list[tuple[str, ...]]:
    """The means as lines of text: a header, then one line a subset and method."""
    lines = [("subset", "method", *table_columns())]
    for subset, by_method in metrics["means"].items():
        lines += [(subset, method, *_cells(means)) for method, means in by_method.items()]
    return _without_empty_columns(lines)


def failure_lines(metrics: Mapping[str, Any]) -> list[tuple[str, ...]]:
    """The failure cases likewise; none where they were not asked for."""
    if "failure_cases" not in metrics:
        return []
    lines = [("failure case", "method", *table_columns())]
    for amount, means in metrics["failure_cases"]["corrupted_parsing"].items():
        lines.append((f"{float(amount):.0%} of the parsing wrong", "generated", *_cells(means)))
    for part in metrics["failure_cases"]["rare_poses"]:
        distance = f"pose {part['distance_from']:.2%} to {part['distance_to']:.2%} from training"
        lines += [(distance, method, *_cells(means)) for method, means in part["means"].items()]
    return _without_empty_columns(lines)


def _cells(means: Mapping[str, object]) -> list[str]:
    values = [means.get(column) for column in table_columns()]
    return [_NOTHING if v is None else f"{v:.4f}" if isinstance(v, float) else str(v) for v in values]


def _without_empty_columns(lines: list[tuple[str, ...]]) -> list[tuple[str, ...]]:
    """The table without the metrics that were left out altogether."""
    filled = [column for column in zip(*lines) if set(column[1:]) != {_NOTHING}]
    return list(zip(*filled))
