"""Adam as the paper sets it, its schedule, and the average of generator weights."""

from __future__ import annotations

import contextlib
from collections.abc import Iterable, Iterator
from typing import Any, Protocol

import tensorflow as tf

from spt_tf.training.fused_adam import FusedAdam


class Schedule(Protocol):
    """Options of an optimizer, such as `config.OptimizerConfig`."""

    @property
    def decay_from(self) -> float:
        """Fraction of a stage after which the rate falls."""

    @property
    def beta_1(self) -> float:
        """Adam's first decay."""

    @property
    def beta_2(self) -> float:
        """Adam's second decay."""

    @property
    def average_decay(self) -> float:
        """Decay of the moving average of weights; 0: no average."""

    def steps(self, stage: str) -> int:
        """Steps of a stage."""

    def rate(self, stage: str) -> float:
        """Initial learning rate of a stage."""


class ConstantThenLinear(tf.keras.optimizers.schedules.LearningRateSchedule):
    """A rate that is constant up to a fraction of the steps and then falls linearly to zero."""

    def __init__(self, rate: float, steps: int, decay_from: float):
        self.rate, self.steps, self.decay_from = rate, steps, decay_from

    def __call__(self, step: tf.Tensor) -> tf.Tensor:
        done = tf.cast(step, tf.float32) / self.steps
        left = (1.0 - done) / max(1.0 - self.decay_from, 1.0 / self.steps)
        return self.rate * tf.clip_by_value(left, 0.0, 1.0)

    def get_config(self) -> dict[str, Any]:
        return {"rate": self.rate, "steps": self.steps, "decay_from": self.decay_from}


def make_optimizer(options: Schedule, stage: str, averaged: bool) -> tf.keras.optimizers.Optimizer:
    """Adam for one group of networks in one stage; averaged: keep a moving average of the weights.

    The stage's model clips gradients (`StageModel.compile`).
    """
    optimizer = FusedAdam(
        ConstantThenLinear(options.rate(stage), options.steps(stage), options.decay_from),
        beta_1=options.beta_1,
        beta_2=options.beta_2,
        use_ema=averaged and options.average_decay > 0,
        ema_momentum=options.average_decay or 0.99,
        # Keras's own XLA of the update does not run on every device; --xla compiles the whole step.
        jit_compile=False,
    )
    if tf.keras.mixed_precision.global_policy().name == "mixed_float16":
        return tf.keras.mixed_precision.LossScaleOptimizer(optimizer)
    return optimizer


def make_optimizers(
    options: Schedule, stage: str, groups: Iterable[str]
) -> dict[str, tf.keras.optimizers.Optimizer]:
    """One optimizer for each of a stage model's variable groups; all but discriminators are averaged."""
    return {group: make_optimizer(options, stage, averaged=group != "discriminator") for group in groups}


@contextlib.contextmanager
def averaged_weights(
    optimizer: tf.keras.optimizers.Optimizer, variables: list[tf.Variable]
) -> Iterator[None]:
    """Inside, the variables hold their moving averages; without an average, nothing changes."""
    optimizer = getattr(optimizer, "inner_optimizer", optimizer)
    if not optimizer.use_ema:
        yield
        return
    current = [tf.identity(v) for v in variables]
    optimizer.finalize_variable_values(variables)
    try:
        yield
    finally:
        for variable, value in zip(variables, current):
            variable.assign(value)
