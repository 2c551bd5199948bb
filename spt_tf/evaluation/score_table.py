"""Scores of pairs by method and metric, and their means."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence

import numpy as np

from spt_tf.evaluation.metrics.metric import Columns, Metric


@dataclasses.dataclass(frozen=True)
class ScoreTable:
    """All methods' scores of N pairs.

    pairs: (source, target) names. metrics: those that were measured.
    columns: method -> metric -> its columns `[N, ...]`; one that it cannot be measured by is absent.
    truth: metric -> columns of the true target images.
    set_scores: method -> numbers of all pairs together.
    """

    pairs: tuple[tuple[str, str], ...]
    metrics: Sequence[Metric]
    columns: Mapping[str, Mapping[str, Columns]]
    truth: Mapping[str, Columns] = dataclasses.field(default_factory=dict)
    set_scores: Mapping[str, Mapping[str, float]] = dataclasses.field(default_factory=dict)

    @property
    def methods(self) -> tuple[str, ...]:
        """The methods' names."""
        return tuple(self.columns)

    def scalars(self, method: str) -> dict[str, np.ndarray]:
        """Every column `[N]` of a method, in the metrics' order: what a pair has one number of."""
        own = self.columns[method]
        ordered = [own[metric.name] for metric in self.metrics if metric.name in own]
        return {name: values for one in ordered for name, values in one.items() if values.ndim == 1}

    def select(self, places: Sequence[int] | np.ndarray) -> ScoreTable:
        """The pairs at these places; without `set_scores`, which are of all."""
        chosen = np.asarray(places, np.int64)

        def of(columns: Mapping[str, Columns]) -> dict[str, Columns]:
            return {
                metric: {name: values[chosen] for name, values in one.items()}
                for metric, one in columns.items()
            }

        return ScoreTable(
            tuple(self.pairs[place] for place in chosen),
            self.metrics,
            {method: of(columns) for method, columns in self.columns.items()},
            of(self.truth),
        )

    def summarize(self, method: str) -> dict[str, object]:
        """Each metric's numbers (`Metric.summarize`) of the pairs; means leave out what is not finite.

        How many values were left out stands in `not_finite`, by column.

        Raises ValueError where two metrics give the same number.
        """
        summary: dict[str, object] = {"pairs": len(self.pairs)}
        for metric in self.metrics:
            if metric.name in self.columns[method]:
                numbers = metric.summarize(self.columns[method][metric.name], self.truth.get(metric.name, {}))
                twice = summary.keys() & numbers.keys()
                if twice:
                    raise ValueError(f"metric {metric.name} gives {min(twice)}, as another does")
                summary.update(numbers)
        counts = {name: int((~np.isfinite(values)).sum()) for name, values in self.scalars(method).items()}
        not_finite = {name: count for name, count in counts.items() if count}
        return {**summary, **({"not_finite": not_finite} if not_finite else {})}

    def summarize_subsets(
        self, subsets: Mapping[str, Sequence[bool] | np.ndarray]
    ) -> dict[str, dict[str, dict[str, object]]]:
        """Means by subset and method: "all", and every given subset that is not empty (one flag a pair)."""
        chosen = {"all": self}
        for name, flags in subsets.items():
            if any(flags):
                chosen[name] = self.select(np.flatnonzero(flags))
        return {
            subset: {method: table.summarize(method) for method in table.methods}
            for subset, table in chosen.items()
        }
