"""The scalars of a stage, to `metrics.jsonl` and TensorBoard.

One line of `metrics.jsonl` ends every window of `--log_every` steps: `stage`, `step` (of the stage), and
means over the window of

    cross_entropy, adversarial_S, ...   each loss term, unweighted
    grad_norm/GROUP                     global norm of a group's gradient, summed over replicas, before
                                        clipping; under mixed_float16 unscaled, overflowing steps left out
    clipped/GROUP                       share of the steps in which that norm exceeded --clip_norm
    logit_S/real, logit_S/generated     D_S's mean logits on the pseudo-label and on S~_pt
    logit_A/..., logit_F/...            D_A's and D_F's on I_ps, and on I~_pt and I~_ps
    logit/...                           the supervised comparator's on I_pt and I~_pt

of its last step `learning_rate`, and of its wall clock `steps_per_second`, `images_per_second` (checkpoints,
panels and validation included, but not the first step of a process, which builds the graph) and `wall_time`,
the seconds since 1970 at its end. GROUP is what an optimizer moves: generator, discriminator, or
pose_detector.

With `--validate_every` there are lines of their own for a held-out set: `stage`, `step`, and of the scores
that `spt_tf/evaluation/held_out.py` tells, those that the stage's networks allow:

    validation/ssim, validation/mask_ssim, validation/parsing_miou   against true targets, where there are any
    validation/cycle_ssim, validation/pose_error                     of any pair
"""

from __future__ import annotations

import contextlib
import json
import os
import time
from collections.abc import Iterator

import tensorflow as tf

from spt_tf.data.atomic_write import write_whole
from spt_tf.data.file_reading import one_line
from spt_tf.training.callbacks import StageCallback, fetch
from spt_tf.training.divergence import check_finite
from spt_tf.training.event_files import drop_events_after
from spt_tf.training.metrics_file import METRICS_FILE, read_entries

WALL_CLOCK = frozenset(
    {"images_per_second", "steps_per_second", "wall_time"}
)  # keys that differ from one run to the next


class ScalarWriter:
    """Lines of one stage, to `metrics.jsonl` and TensorBoard.

    Lines of this stage past `start` are from steps a killed run had not saved: they are dropped. A full disk
    ends in OSError.
    """

    def __init__(self, run_dir: str, stage: str, start: int):
        self._stage = stage
        self._path = os.path.join(run_dir, METRICS_FILE)
        events = os.path.join(run_dir, "tensorboard", stage)
        with self._writing():
            drop_events_after(events, start)
            self._writer = tf.summary.create_file_writer(events)
        _drop_lines_after(self._path, stage, start)

    def write(self, step: int, scalars: dict[str, float]) -> None:
        """Adds a line."""
        line = {"stage": self._stage, "step": step, **scalars}
        with self._writing():
            with self._writer.as_default(step=step):
                for name, value in scalars.items():
                    tf.summary.scalar(f"{self._stage}/{name}", value)
            self._writer.flush()
            with open(self._path, "a", encoding="utf8") as lines:
                lines.write(json.dumps(line) + "\n")

    @contextlib.contextmanager
    def _writing(self) -> Iterator[None]:
        try:
            yield
        except (OSError, tf.errors.OpError) as error:
            problem = getattr(error, "strerror", None) or one_line(str(error))
            raise OSError(f"{self._path}: the logs cannot be written ({problem})") from error


class ScalarLog(StageCallback):
    """Writes the line of each window of `every` steps, and starts the next. Raises TrainingDiverged.

    Workers other than the chief have no writer, but take part in ending a window, which is a collective
    operation.
    """

    def __init__(self, start: int, every: int, stage: str, batch_size: int, writer: ScalarWriter | None):
        super().__init__(start)
        self._every, self._stage, self._batch_size, self._writer = every, stage, batch_size, writer
        self._timed_from: tuple[int, float] | None = None  # a step and the time at which it was done

    def after_step(self, step: int, logs: dict[str, tf.Tensor]) -> None:
        timed_from = self._timed_from = self._timed_from or (step, time.perf_counter())
        if step % self._every:
            return
        check_finite(self.model, self._stage)
        if self._writer:
            clock = {**self._speed(timed_from, step), "wall_time": time.time()}
            self._writer.write(step, {**fetch(logs), **self._learning_rate(), **clock})
        self.model.reset_metrics()

    def _learning_rate(self) -> dict[str, float]:
        optimizer = next(iter(self.model.optimizer.values()))  # all groups have the same
        return {"learning_rate": float(optimizer.learning_rate.numpy())}

    def _speed(self, timed_from: tuple[int, float], step: int) -> dict[str, float]:
        """Called when the device has done its work; nothing where the window is the first step alone."""
        first, since = timed_from
        now = time.perf_counter()
        self._timed_from = step, now
        if step == first:
            return {}
        rate = (step - first) / (now - since)
        return {"steps_per_second": rate, "images_per_second": rate * self._batch_size}


def _drop_lines_after(path: str, stage: str, step: int) -> None:
    if not os.path.exists(path):
        return
    kept = [line for line, entry in read_entries(path) if entry["stage"] != stage or entry["step"] <= step]
    write_whole(path, "".join(kept).encode())
