"""What the Keras callbacks of a stage share; the progress bar, and panels.

A stage is one Keras epoch; callbacks count the model's own step, so that windows, panels and checkpoints
fall on the same steps however often a run was interrupted.
"""

from __future__ import annotations

import time
from contextlib import AbstractContextManager
from typing import Callable

import tensorflow as tf
from tqdm import tqdm

from spt_tf.models.stage_model import StageModel
from spt_tf.training.optimizers import averaged_weights

_BAR_REFRESH = 2.0  # seconds


class StageCallback(tf.keras.callbacks.Callback):
    """Counts the steps of a stage: `after_step(step, logs)` runs behind every one of them.

    The logs stay on the device until `fetch` is called: a step does not wait for the one before.
    """

    def __init__(self, start: int):
        super().__init__()
        self._supports_tf_logs = True  # otherwise Keras fetches the logs of every step
        self._done = start

    def on_train_batch_end(self, batch: int, logs: dict[str, tf.Tensor] | None = None) -> None:
        self._done += 1
        self.after_step(self._done, logs or {})

    def after_step(self, step: int, logs: dict[str, tf.Tensor]) -> None:
        """step: steps of the stage that are done. logs: running means, scalars on the device."""
        raise NotImplementedError


def fetch(logs: dict[str, tf.Tensor]) -> dict[str, float]:
    """The logs as numbers; waits until the device has done the step they are of."""
    return {name: float(value.numpy()) for name, value in logs.items()}


class ProgressBar(StageCallback):
    """One line: steps, images a second, time left, the loss terms; looked at every two seconds."""

    def __init__(self, start: int, total: int, stage: str, batch_size: int, hidden: bool = False):
        super().__init__(start)
        self._bar = tqdm(
            total=total * batch_size,
            initial=start * batch_size,
            desc=stage,
            unit="img",
            mininterval=0.0,
            disable=hidden,
        )
        self._batch_size = batch_size
        self._waiting = 0  # images since the last refresh
        self._refreshed = time.monotonic()

    def after_step(self, step: int, logs: dict[str, tf.Tensor]) -> None:
        self._waiting += self._batch_size
        now = time.monotonic()
        if self._bar.disable or now - self._refreshed < _BAR_REFRESH:
            return
        terms = fetch({name: logs[name] for name in self.model.loss_terms})
        self._bar.set_postfix({name: f"{value:.3g}" for name, value in terms.items()}, refresh=False)
        self._refresh(now)

    def _refresh(self, now: float) -> None:
        self._bar.update(self._waiting)
        self._waiting, self._refreshed = 0, now

    def close(self) -> None:
        """Leaves the bar as it stands."""
        self._refresh(time.monotonic())
        self._bar.close()


class Panels(StageCallback):
    """Draws a panel of fixed people every so often, with averaged weights where there are any."""

    def __init__(self, start: int, every: int, draw: Callable[[StageModel, int], None]):
        super().__init__(start)
        self._every, self._draw = every, draw

    def after_step(self, step: int, logs: dict[str, tf.Tensor]) -> None:
        if step % self._every == 0:
            with averaged_generator(self.model):
                self._draw(self.model, step)


def averaged_generator(model: StageModel) -> AbstractContextManager[None]:
    """A context in which the model's generators hold their averaged weights."""
    groups = model.variable_groups()
    name = "generator" if "generator" in groups else next(iter(groups))
    return averaged_weights(model.optimizer[name], groups[name])
