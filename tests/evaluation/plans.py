"""Plans and metrics for tests that open no candidate."""

from __future__ import annotations

from spt_tf.evaluation.metrics.metric import Metric
from spt_tf.evaluation.metrics.registry import left_out, make_metrics
from spt_tf.evaluation.plan import EvaluationPlan


def bare_plan(protocol: str = "spt", **options: object) -> EvaluationPlan:
    """A plan of nowhere's run and data, with options of metrics."""
    return EvaluationPlan("run", "data", protocol, 0, 2, "out", options=options)


def plain_metrics(protocol: str = "spt") -> list[Metric]:
    """The metrics that need no option, and so are ready as they are."""
    return [metric for metric in make_metrics(bare_plan(protocol)) if left_out(metric) is None]
