"""A loss is a term: a name, a weight and per-example values. Totals and logs are sums over a list of them."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import NamedTuple

import tensorflow as tf

from spt_tf.models.step_statistics import Observed


class LossTerm(NamedTuple):
    """`weight` times `values` is minimised; `values`, `[B]` float32, are logged as `name`."""

    name: str
    weight: float
    values: tf.Tensor


class StageLosses(NamedTuple):
    """Losses of one batch.

    groups: for each optimizer, the terms that its variables minimise the sum of.
    observed: values that are only logged: the discriminators' logits.
    """

    groups: Mapping[str, list[LossTerm]]
    observed: Mapping[str, Observed] = MappingProxyType({})

    @property
    def objectives(self) -> dict[str, tf.Tensor]:
        """The weighted sum of each optimizer's terms, `[B]`. Terms of weight 0 are left out."""
        return {group: _weighted_sum(terms) for group, terms in self.groups.items()}

    @property
    def terms(self) -> dict[str, tf.Tensor]:
        """The unweighted values of all terms by name, as they are logged."""
        return {term.name: term.values for terms in self.groups.values() for term in terms}

    def of_examples(self, chosen: tf.Tensor) -> StageLosses:
        """The losses of the examples for which `chosen`, `[B]`, is 1; 0 for those for which it is 0."""
        return StageLosses(
            {
                group: [term._replace(values=chosen * term.values) for term in terms]
                for group, terms in self.groups.items()
            },
            {name: one.of_examples(chosen) for name, one in self.observed.items()},
        )


def together(*parts: StageLosses) -> StageLosses:
    """All terms of all parts, and all that they observe."""
    groups: dict[str, list[LossTerm]] = {}
    for part in parts:
        for group, terms in part.groups.items():
            groups[group] = [*groups.get(group, []), *terms]
    return StageLosses(groups, {name: one for part in parts for name, one in part.observed.items()})


def _weighted_sum(terms: list[LossTerm]) -> tf.Tensor:
    weighted = [term.weight * term.values for term in terms if term.weight]
    return tf.add_n(weighted) if weighted else tf.zeros_like(terms[0].values)
