"""Keras callbacks of a stage: progress, scalars, panels, checkpoints, and stopping in good order.

A stage is one Keras epoch; these count the model's own step, so that windows, panels and checkpoints
fall on the same steps however often a run was interrupted.
"""

import json
import math
import os
import signal
from typing import Any, Callable, Optional

import tensorflow as tf
from tqdm import tqdm

from spt_tf.data.atomic_write import write_whole
from spt_tf.models.stage_model import StageModel
from spt_tf.training.checkpoints import StageCheckpoints
from spt_tf.training.optimizers import averaged_weights


class TrainingDiverged(RuntimeError):
    """A loss term is no longer a number; the last good checkpoint is kept."""


class TrainingInterrupted(RuntimeError):
    """SIGTERM or SIGINT came; a checkpoint was written."""


class StageCallback(tf.keras.callbacks.Callback):
    """Counts the steps of a stage: `after_step(step, logs)` runs behind every one of them."""

    def __init__(self, start: int):
        super().__init__()
        self._done = start

    def on_train_batch_end(self, batch: int, logs: Optional[dict[str, float]] = None) -> None:
        self._done += 1
        self.after_step(self._done, logs or {})

    def after_step(self, step: int, logs: dict[str, float]) -> None:
        """step: steps of the stage that are done. logs: running mean of each loss term."""
        raise NotImplementedError


class ProgressBar(StageCallback):
    """One line: steps, images a second, time left, the loss terms."""

    def __init__(self, start: int, total: int, stage: str, batch_size: int, hidden: bool = False):
        super().__init__(start)
        self._bar = tqdm(
            total=total * batch_size,
            initial=start * batch_size,
            desc=stage,
            unit="img",
            mininterval=2.0,
            disable=hidden,
        )
        self._batch_size = batch_size

    def after_step(self, step: int, logs: dict[str, float]) -> None:
        self._bar.set_postfix({name: f"{value:.3g}" for name, value in logs.items()}, refresh=False)
        self._bar.update(self._batch_size)

    def close(self) -> None:
        """Leaves the bar as it stands."""
        self._bar.close()


class StopOnNotANumber(StageCallback):
    """Raises TrainingDiverged, naming the terms and the step, before anything of it is saved."""

    def __init__(self, start: int, stage: str):
        super().__init__(start)
        self._stage = stage

    def after_step(self, step: int, logs: dict[str, float]) -> None:
        broken = [name for name, value in logs.items() if not math.isfinite(value)]
        if broken:
            raise TrainingDiverged(
                f"stage {self._stage}, step {step}: {', '.join(broken)} not finite; "
                "the last checkpoint before this step is kept"
            )


class ScalarLog(StageCallback):
    """Means over each window of `every` steps, to TensorBoard and `metrics.jsonl`.

    Lines of this stage past `start` are from steps a killed run had not saved: they are dropped. Workers
    other than the chief write nothing, but take part in ending a window, which is a collective operation.
    """

    def __init__(self, start: int, every: int, stage: str, run_dir: str, chief: bool = True):
        super().__init__(start)
        self._every, self._stage, self._chief = every, stage, chief
        self._path = os.path.join(run_dir, "metrics.jsonl")
        if chief:
            self._writer = tf.summary.create_file_writer(os.path.join(run_dir, "tensorboard", stage))
            _drop_lines_after(self._path, stage, start)

    def after_step(self, step: int, logs: dict[str, float]) -> None:
        if step % self._every:
            return
        if self._chief:
            self._write(step, logs)
        self.model.reset_metrics()

    def _write(self, step: int, logs: dict[str, float]) -> None:
        with self._writer.as_default(step=step):
            for name, value in logs.items():
                tf.summary.scalar(f"{self._stage}/{name}", value)
        self._writer.flush()
        line = {"stage": self._stage, "step": step, **{k: float(v) for k, v in logs.items()}}
        with open(self._path, "a", encoding="utf8") as lines:
            lines.write(json.dumps(line) + "\n")


def _drop_lines_after(path: str, stage: str, step: int) -> None:
    if not os.path.exists(path):
        return
    kept = []
    with open(path, encoding="utf8") as lines:
        for line in lines:
            if line.endswith("\n"):
                entry = json.loads(line)
                if entry["stage"] != stage or entry["step"] <= step:
                    kept.append(line)
    write_whole(path, "".join(kept).encode())


class Panels(StageCallback):
    """Draws a panel of fixed people every so often, with averaged weights where there are any."""

    def __init__(self, start: int, every: int, stage: str, draw: Callable[[StageModel, int], None]):
        super().__init__(start)
        self._every, self._draw = every, draw

    def after_step(self, step: int, logs: dict[str, float]) -> None:
        if step % self._every == 0:
            with averaged_generator(self.model):
                self._draw(self.model, step)


class Checkpointing(StageCallback):
    """Restores the newest checkpoint when the stage starts; writes one every `every` steps, at the end,
    and when SIGTERM or SIGINT comes, which then ends training with TrainingInterrupted.
    """

    def __init__(self, checkpoints: StageCheckpoints, every: int, total: int):
        super().__init__(checkpoints.latest_step())
        self._checkpoints, self._every, self._total = checkpoints, every, total
        self._asked_to_stop = False
        self._handlers: dict[int, Any] = {}

    def on_train_begin(self, logs: Optional[dict[str, float]] = None) -> None:
        for name in (signal.SIGTERM, signal.SIGINT):
            self._handlers[name] = signal.signal(name, self._ask_to_stop)

    def restore_signals(self) -> None:
        """Gives the signals back to whom they belonged."""
        for name, handler in self._handlers.items():
            signal.signal(name, handler)

    def _ask_to_stop(self, *_: Any) -> None:
        self._asked_to_stop = True

    def on_epoch_begin(self, epoch: int, logs: Optional[dict[str, float]] = None) -> None:
        # Here, not earlier: Keras has just reset the running means that a checkpoint carries.
        if self._done:
            state = tf.train.Checkpoint(model=self.model)
            state.read(self._checkpoints.path("state")).assert_existing_objects_matched()

    def after_step(self, step: int, logs: dict[str, float]) -> None:
        if step % self._every == 0 or step == self._total or self._asked_to_stop:
            self._save(step)
        if self._asked_to_stop and step < self._total:
            raise TrainingInterrupted(f"stopped by a signal at step {step}; the same command carries on")

    def _save(self, step: int) -> None:
        temporary = self._checkpoints.begin()
        tf.train.Checkpoint(model=self.model).write(os.path.join(temporary, "state"))
        with averaged_generator(self.model):
            tf.train.Checkpoint(**self.model.networks()).write(os.path.join(temporary, "networks"))
        self._checkpoints.commit(temporary, step)


def averaged_generator(model: StageModel):
    """A context in which the model's generators hold their averaged weights."""
    groups = model.variable_groups()
    name = "generator" if "generator" in groups else next(iter(groups))
    return averaged_weights(model.optimizer[name], groups[name])
