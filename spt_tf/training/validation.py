"""Scores of a held-out set while a stage trains."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import tensorflow as tf

from spt_tf.models.stage_model import StageModel
from spt_tf.training.callbacks import StageCallback, averaged_generator
from spt_tf.training.divergence import check_finite
from spt_tf.training.scalar_log import ScalarWriter

# Scores a stage's model: number by name. Its pairs are its own affair.
Validator = Callable[[StageModel], Mapping[str, float]]


class Validation(StageCallback):
    """Every so many steps, and at the end, writes what a validator says: keys validation/NAME.

    With averaged weights where there are any, as in checkpoints. It is no part of training: the same weights
    come out with and without it. Raises TrainingDiverged.
    """

    def __init__(
        self, start: int, every: int, total: int, stage: str, writer: ScalarWriter, validator: Validator
    ):
        super().__init__(start)
        self._every, self._total, self._stage = every, total, stage
        self._writer, self._validator = writer, validator

    def after_step(self, step: int, logs: dict[str, tf.Tensor]) -> None:
        if step % self._every and step != self._total:
            return
        check_finite(self.model, self._stage)
        with averaged_generator(self.model):
            scores = self._validator(self.model)
        self._writer.write(step, {f"validation/{name}": score for name, score in scores.items()})
