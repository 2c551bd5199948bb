"""What the Keras callbacks of a stage share; the progress bar, and panels.

A stage is one Keras epoch; callbacks count the model's own step, so that windows, panels and checkpoints
fall on the same steps however often a run was interrupted.
"""

from __future__ import annotations

import collections
import time
from contextlib import AbstractContextManager
from typing import Callable

import tensorflow as tf
from tqdm import tqdm

from spt_tf.models.stage_model import StageModel
from spt_tf.training.optimizers import averaged_weights
from spt_tf.training.pace import OF_LATE, Pace, pace_between
from spt_tf.training.plan import duration

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
    """One line: steps, steps a second, time left, the loss terms; looked at every two seconds.

    time_left: (step, pace of the last ten minutes) -> seconds that this stage and those after it will take,
    which the line then shows beside the stage's own.
    """

    def __init__(
        self,
        start: int,
        total: int,
        stage: str,
        time_left: Callable[[int, Pace], float] | None = None,
        hidden: bool = False,
    ):
        super().__init__(start)
        self._bar = tqdm(total=total, initial=start, desc=stage, unit="step", mininterval=0.0, disable=hidden)
        self._time_left = time_left
        self._waiting = 0  # steps since the last refresh
        self._refreshed = time.monotonic()
        # Steps and their times, at refreshes; from behind the first step on, which builds the graph.
        self._watched: collections.deque[tuple[int, float]] = collections.deque()

    def after_step(self, step: int, logs: dict[str, tf.Tensor]) -> None:
        self._waiting += 1
        now = time.monotonic()
        if not self._watched:
            self._watched.append((step, now))
        if self._bar.disable or now - self._refreshed < _BAR_REFRESH:
            return
        terms = fetch({name: logs[name] for name in self.model.loss_terms})
        shown = {name: f"{value:.3g}" for name, value in terms.items()}
        if self._time_left:
            shown = {"all left": duration(self._time_left(step, self._pace(step, now))), **shown}
        self._bar.set_postfix(shown, refresh=False)
        self._refresh(now)

    def _pace(self, step: int, now: float) -> Pace:
        if step > self._watched[-1][0]:
            self._watched.append((step, now))
        while len(self._watched) > 2 and now - self._watched[1][1] > OF_LATE:
            self._watched.popleft()
        return pace_between(self._watched)

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
