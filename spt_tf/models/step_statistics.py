"""What a step logs besides its losses: gradient norms, clipping, logits, the first step not to be finite."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import NamedTuple

import tensorflow as tf

from spt_tf.losses.reduction import per_example_mean


class Observed(NamedTuple):
    """Per-example values that are only logged, `[B]` float32.

    weights: `[B]`, 0 for the examples that do not count; None: all count alike.
    """

    values: tf.Tensor
    weights: tf.Tensor | None = None

    def of_examples(self, chosen: tf.Tensor) -> Observed:
        """Those of the examples for which `chosen`, `[B]`, is 1."""
        return Observed(self.values, chosen if self.weights is None else chosen * self.weights)


def observed_logits(
    name: str, real: list[tf.Tensor], generated: list[tf.Tensor], weights: tf.Tensor | None = None
) -> dict[str, Observed]:
    """A discriminator's mean logits, `name`/real and `name`/generated.

    real, generated: the logits `[B,...]` on each kind of real and of generated image.
    """

    def mean(kinds: list[tf.Tensor]) -> tf.Tensor:
        return tf.add_n([per_example_mean(logits) for logits in kinds]) / float(len(kinds))

    return {
        f"{name}/real": Observed(mean(real), weights),
        f"{name}/generated": Observed(mean(generated), weights),
    }


class StepStatistics:
    """Means over a window of steps, and for every checked value the first step in which it was not finite.

    Not a part of the model, whose checkpoints hold whatever terms there are: `checkpoint` is one of its own.
    Made under the strategy's scope.

    terms: names of the loss terms. observed: names of what else is logged per example. groups: names of the
    optimizers' variable groups.
    """

    def __init__(self, terms: Iterable[str], observed: Iterable[str], groups: Iterable[str]):
        self.terms = {name: tf.keras.metrics.Mean(name) for name in terms}
        names = [*observed, *(f"{kind}/{group}" for group in groups for kind in ("grad_norm", "clipped"))]
        self.means = {name: tf.keras.metrics.Mean(name) for name in names}
        self.checked = (*self.terms, *(f"grad_norm/{group}" for group in groups))
        self._first_bad_step = tf.Variable(
            tf.zeros([len(self.checked)], tf.int64),
            trainable=False,
            aggregation=tf.VariableAggregation.ONLY_FIRST_REPLICA,
        )

    def checkpoint(self) -> tf.train.Checkpoint:
        """What a resumed run needs to write the same lines: the means of a window that has not ended."""
        return tf.train.Checkpoint(**self.all_means())

    def all_means(self) -> dict[str, tf.keras.metrics.Mean]:
        """Of the loss terms and of what else is logged, by name."""
        return {**self.terms, **self.means}

    def track(self, terms: Mapping[str, tf.Tensor]) -> dict[str, tf.Tensor]:
        """Takes in per-example values of loss terms; returns their means so far."""
        for name, values in terms.items():
            self.terms[name].update_state(values)
        return {name: self.terms[name].result() for name in terms}

    def observe(self, observed: Mapping[str, Observed]) -> None:
        """Takes in a replica's per-example values."""
        for name, (values, weights) in observed.items():
            self.means[name].update_state(values, sample_weight=weights)

    def observe_gradient(self, group: str, norm: tf.Tensor, clipped: tf.Tensor) -> None:
        """Takes in a group's gradient norm, and whether it was clipped, 0 or 1; both are scalars.

        A gradient that overflowed counts in neither: a loss scaler skips its step, without one training ends.
        """
        counts = tf.cast(tf.math.is_finite(norm), tf.float32)
        norm = tf.where(counts > 0, norm, 0.0)
        self.means[f"grad_norm/{group}"].update_state(norm, sample_weight=counts)
        self.means[f"clipped/{group}"].update_state(clipped, sample_weight=counts)

    def check(self, values: dict[str, tf.Tensor], step: tf.Tensor) -> None:
        """Notes `step`, int64, for those of this replica's values that are the first not to be finite."""
        missing = tf.constant(0.0)
        bad = tf.stack(
            [
                tf.reduce_sum(tf.cast(~tf.math.is_finite(values[name]), tf.float32))
                if name in values
                else missing
                for name in self.checked
            ]
        )
        bad = tf.distribute.get_replica_context().all_reduce(tf.distribute.ReduceOp.SUM, bad)
        first = self._first_bad_step
        first.assign(tf.where((bad > 0) & tf.equal(first, 0), step, first))

    def first_bad_step(self) -> tuple[int, list[str]]:
        """The first step in which something was not finite, and what; (0, []) while all is well.

        Waits for the device.
        """
        steps = self._first_bad_step.numpy()
        if not steps.any():
            return 0, []
        first = steps[steps > 0].min()
        return int(first), [name for name, step in zip(self.checked, steps) if step == first]

    def results(self) -> dict[str, tf.Tensor]:
        """Each mean so far."""
        return {name: mean.result() for name, mean in self.means.items()}
