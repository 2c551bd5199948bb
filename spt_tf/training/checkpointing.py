"""Checkpoints while a stage trains, and stopping in good order."""

from __future__ import annotations

import contextlib
import os
import signal
from collections.abc import Iterator
from typing import Any

import tensorflow as tf

from spt_tf.networks.vgg import VggFeatures
from spt_tf.training.callbacks import StageCallback, averaged_generator
from spt_tf.training.checkpoints import StageCheckpoints, read_checkpoint
from spt_tf.training.divergence import check_finite, check_finite_weights


class TrainingInterrupted(RuntimeError):
    """SIGTERM or SIGINT came; a checkpoint was written."""


class Checkpointing(StageCallback):
    """Restores the newest checkpoint when the stage starts; writes one every `every` steps, at the end,
    and when SIGTERM or SIGINT comes, which then ends training with TrainingInterrupted.

    Nothing that is not finite is saved: TrainingDiverged is raised instead.
    """

    def __init__(self, checkpoints: StageCheckpoints, every: int, total: int, stage: str):
        super().__init__(checkpoints.latest_step())
        self._checkpoints, self._every, self._total, self._stage = checkpoints, every, total, stage
        self._asked_to_stop = False
        self._handlers: dict[int, Any] = {}

    def on_train_begin(self, logs: dict[str, tf.Tensor] | None = None) -> None:
        for name in (signal.SIGTERM, signal.SIGINT):
            self._handlers[name] = signal.signal(name, self._ask_to_stop)

    def restore_signals(self) -> None:
        """Gives the signals back to whom they belonged."""
        for name, handler in self._handlers.items():
            signal.signal(name, handler)

    def _ask_to_stop(self, *_: Any) -> None:
        self._asked_to_stop = True

    def on_epoch_begin(self, epoch: int, logs: dict[str, tf.Tensor] | None = None) -> None:
        # Here, not earlier: Keras has just reset the running means that a checkpoint carries.
        if not self._done:
            return
        with _given_filters(self.model):
            read_checkpoint(self._checkpoints.path("state"), model=self.model)
        statistics = self._checkpoints.path("statistics")
        if os.path.exists(f"{statistics}.index"):  # checkpoints of older versions have none
            # a term that has joined since begins its mean here
            self.model.statistics.checkpoint().read(statistics).expect_partial()

    def after_step(self, step: int, logs: dict[str, tf.Tensor]) -> None:
        if step % self._every == 0 or step == self._total or self._asked_to_stop:
            self._save(step)
        if self._asked_to_stop and step < self._total:
            raise TrainingInterrupted(f"stopped by a signal at step {step}; the same command carries on")

    def _save(self, step: int) -> None:
        check_finite(self.model, self._stage)
        check_finite_weights(self.model, self._stage, step)
        with self._checkpoints.writing(step) as temporary:
            tf.train.Checkpoint(model=self.model).write(os.path.join(temporary, "state"))
            self.model.statistics.checkpoint().write(os.path.join(temporary, "statistics"))
            with averaged_generator(self.model):
                tf.train.Checkpoint(**self.model.networks()).write(os.path.join(temporary, "networks"))


@contextlib.contextmanager
def _given_filters(model: tf.keras.Model) -> Iterator[None]:
    """Keeps VGG's filters as --vgg_weights gives them: checkpoints hold those of the call that wrote them."""
    features = [module for module in model.submodules if isinstance(module, VggFeatures)]
    given = [one.get_weights() for one in features]
    yield
    for one, weights in zip(features, given):
        one.set_weights(weights)
