"""What the models of all stages share: one train step for any number of optimizers."""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from typing import Any

import tensorflow as tf

from spt_tf.geometry.own_gradient import differentiate_by_own_tapes
from spt_tf.layers.dropout import DropoutSeed
from spt_tf.layers.shapes_alone import shapes_alone
from spt_tf.losses.reduction import global_mean
from spt_tf.models.accumulation import Measured, measure_in_parts
from spt_tf.models.graph_optimizers import optimized_lightly
from spt_tf.models.stage_losses import StageLosses
from spt_tf.models.step_statistics import StepStatistics


class StageModel(tf.keras.Model):
    """A Keras model whose subclasses say what to minimise (`compute_stage_losses`) and over which
    variables (`variable_groups`).

    All groups' gradients are taken at the same point and from one forward pass. A discriminator does
    not move when its generator does, and the generator's pictures were made before either step, so
    this equals stepping the generators first and the discriminators after them.
    """

    train_function: Callable[[Any], dict[str, tf.Tensor]] | None  # Keras's

    def __init__(self, seed: int):
        super().__init__()
        self.seed = seed
        self.step = tf.Variable(
            0,
            dtype=tf.int64,
            trainable=False,
            name="step",
            aggregation=tf.VariableAggregation.ONLY_FIRST_REPLICA,
        )
        self._statistics: StepStatistics | None = None

    def compute_stage_losses(
        self, batch: dict[str, tf.Tensor], dropout_seed: DropoutSeed | None
    ) -> StageLosses:
        """Losses of a batch of `data.pipeline.training_batches`; dropout acts iff a seed is given."""
        raise NotImplementedError

    def variable_groups(self) -> dict[str, list[tf.Variable]]:
        """The variables each optimizer moves."""
        raise NotImplementedError

    def networks(self) -> dict[str, tf.keras.Model]:
        """The networks by name, as later stages and finished runs load them."""
        raise NotImplementedError

    def compile(
        self,
        optimizer: dict[str, tf.keras.optimizers.Optimizer],
        clip_norm: float = 0.0,
        jit_compile: bool = False,
        accumulate: int = 1,
        **kwargs: Any,
    ) -> None:
        """optimizer: one for each of `variable_groups`; their state is made here, to be restored into.

        clip_norm: the largest global norm of a group's gradient, summed over replicas; 0: no clipping.
        accumulate: parts that a step computes a replica's batch in (`accumulation`); divides its size.
        """
        super().compile(optimizer=optimizer, jit_compile=jit_compile, **kwargs)
        self.clip_norm, self.accumulate = clip_norm, accumulate
        # The means are those of all workers already; Keras would add them up once more.
        self.distribute_reduction_method = "first"
        for name, variables in self.variable_groups().items():
            self.optimizer[name].build(variables)

    @property
    def metrics(self) -> list[tf.keras.metrics.Metric]:
        return list(self._statistics.all_means().values()) if self._statistics else []

    @property
    def statistics(self) -> StepStatistics:
        """What the steps show beside their losses; there after `create_variables`."""
        if self._statistics is None:
            raise RuntimeError("create_variables comes before the first step")
        return self._statistics

    @property
    def loss_terms(self) -> tuple[str, ...]:
        """The names of the loss terms among what a train step returns."""
        return tuple(self.statistics.terms)

    def create_variables(self, batch: dict[str, tf.Tensor]) -> None:
        """Builds every network, and one mean per loss term, by looking at an example batch.

        Called once under the strategy's scope before `compile`: nothing is created inside a train step.
        """
        with shapes_alone():
            losses = self.compute_stage_losses(batch, None)
        self._statistics = StepStatistics(losses.terms, losses.observed, self.variable_groups())

    def make_train_function(self, force: bool = False) -> Callable[[Any], dict[str, tf.Tensor]]:
        """As Keras's: `train_step` of what an iterator gives, traced; sooner ready for its first step."""
        if self.train_function is None or force:
            self.train_function = optimized_lightly(super().make_train_function(force))
        return self.train_function

    def _first_example(self, batch: dict[str, tf.Tensor]) -> tf.Tensor:
        """The place of a replica's first example in the global batch."""
        examples = tf.shape(batch["source_keypoints"])[0]
        replica = tf.cast(tf.distribute.get_replica_context().replica_id_in_sync_group, tf.int32)
        return replica * examples

    @tf.autograph.experimental.do_not_convert  # nothing to convert, and looking for it takes seconds
    def train_step(self, batch: dict[str, tf.Tensor]) -> dict[str, tf.Tensor]:
        """One step of every optimizer; returns the running means of loss terms and statistics."""
        replicas = tf.distribute.get_strategy().num_replicas_in_sync
        first, step = self._first_example(batch), self.step.read_value()
        statistics = self.statistics

        def measure(part: dict[str, tf.Tensor], offset: tf.Tensor | int) -> Measured:
            seed = DropoutSeed(self.seed, step, tf.cast(first + offset, tf.int64))
            return self._measure(part, seed, replicas)

        measured = measure_in_parts(measure, batch, self.accumulate)
        checked = dict(measured.terms)
        for name, variables in self.variable_groups().items():
            norm = self._apply(name, measured.gradients[name], variables)
            if not _scales_loss(self.optimizer[name]):
                checked[f"grad_norm/{name}"] = norm
        self.step.assign_add(1)
        statistics.observe(measured.observed)
        statistics.check(checked, self.step.read_value())
        return {**statistics.track(measured.terms), **statistics.results()}

    def _measure(self, batch: dict[str, tf.Tensor], seed: DropoutSeed, replicas: int) -> Measured:
        """Losses of a batch and a replica's share of their gradients.

        Each group has a tape of its own, on which only what follows from its variables is. One tape for all
        would carry a discriminator's gradient on through the generators, and every gradient through frozen
        networks: operators that no step runs, but that have to be made first.
        """
        groups = self.variable_groups()
        differentiate_by_own_tapes()
        with contextlib.ExitStack() as recording:
            tapes = {
                name: recording.enter_context(tf.GradientTape(watch_accessed_variables=False))
                for name in groups
            }
            for name, tape in tapes.items():
                tape.watch(groups[name])
            losses = self.compute_stage_losses(batch, seed)
            totals = {
                name: _scaled(self.optimizer[name], global_mean(objective, replicas))
                for name, objective in losses.objectives.items()
            }
        # Zero, not None, for layers a local enhancer has wholly replaced: optimizers warn of None.
        gradients = {
            name: tape.gradient(
                totals[name], groups[name], unconnected_gradients=tf.UnconnectedGradients.ZERO
            )
            for name, tape in tapes.items()
        }
        return Measured(losses.terms, dict(losses.observed), gradients)

    def _apply(self, group: str, gradients: list[tf.Tensor], variables: list[tf.Variable]) -> tf.Tensor:
        """Sums gradients over replicas, clips their norm, moves the variables; returns the norm."""
        optimizer = self.optimizer[group]
        if _scales_loss(optimizer):
            gradients = optimizer.get_unscaled_gradients(gradients)
        inner = getattr(optimizer, "inner_optimizer", optimizer)
        gradients = [gradient for gradient, _ in inner.aggregate_gradients(zip(gradients, variables))]
        norm, clipped = tf.linalg.global_norm(gradients), tf.constant(0.0)
        if self.clip_norm:
            gradients, _ = tf.clip_by_global_norm(gradients, self.clip_norm, use_norm=norm)
            clipped = tf.cast(norm > self.clip_norm, tf.float32)
        self.statistics.observe_gradient(group, norm, clipped)
        optimizer.apply_gradients(zip(gradients, variables), skip_gradients_aggregation=True)
        return norm

    @tf.autograph.experimental.do_not_convert
    def test_step(self, batch: dict[str, tf.Tensor]) -> dict[str, tf.Tensor]:
        """The same losses without dropout and without a step."""
        return self.statistics.track(self.compute_stage_losses(batch, None).terms)


def trainable_variables(networks: dict[str, tf.keras.Model]) -> list[tf.Variable]:
    """The networks' trainable variables, each once: one network may be a part of another."""
    found = {v.ref(): v for network in networks.values() for v in network.trainable_variables}
    return list(found.values())


def _scales_loss(optimizer: tf.keras.optimizers.Optimizer) -> bool:
    return isinstance(optimizer, tf.keras.mixed_precision.LossScaleOptimizer)


def _scaled(optimizer: tf.keras.optimizers.Optimizer, loss: tf.Tensor) -> tf.Tensor:
    return optimizer.get_scaled_loss(loss) if _scales_loss(optimizer) else loss
