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

of its last step `learning_rate`, and of its wall clock `images_per_second`: checkpoints and panels included,
but not the first step of a process, which builds the graph. GROUP is what an optimizer moves: generator,
discriminator, or pose_detector.
"""

from __future__ import annotations

import json
import os
import time

import tensorflow as tf

from spt_tf.data.atomic_write import write_whole
from spt_tf.training.callbacks import StageCallback, fetch
from spt_tf.training.divergence import check_finite

WALL_CLOCK = frozenset({"images_per_second"})  # keys that differ from one run to the next


class ScalarLog(StageCallback):
    """Writes the line of each window of `every` steps, and starts the next.

    Lines of this stage past `start` are from steps a killed run had not saved: they are dropped. Workers
    other than the chief write nothing, but take part in ending a window, which is a collective operation.
    Raises TrainingDiverged.
    """

    def __init__(self, start: int, every: int, stage: str, run_dir: str, batch_size: int, chief: bool = True):
        super().__init__(start)
        self._every, self._stage, self._chief = every, stage, chief
        self._batch_size = batch_size
        self._timed_from: tuple[int, float] | None = None  # a step and the time at which it was done
        self._path = os.path.join(run_dir, "metrics.jsonl")
        if chief:
            self._writer = tf.summary.create_file_writer(os.path.join(run_dir, "tensorboard", stage))
            _drop_lines_after(self._path, stage, start)

    def after_step(self, step: int, logs: dict[str, tf.Tensor]) -> None:
        timed_from = self._timed_from = self._timed_from or (step, time.perf_counter())
        if step % self._every:
            return
        check_finite(self.model, self._stage)
        if self._chief:
            speed = self._images_per_second(timed_from, step)
            self._write(step, {**fetch(logs), **self._learning_rate(), **speed})
        self.model.reset_metrics()

    def _learning_rate(self) -> dict[str, float]:
        optimizer = next(iter(self.model.optimizer.values()))  # all groups have the same
        return {"learning_rate": float(optimizer.learning_rate.numpy())}

    def _images_per_second(self, timed_from: tuple[int, float], step: int) -> dict[str, float]:
        """Called when the device has done its work; nothing where the window is the first step alone."""
        first, since = timed_from
        now = time.perf_counter()
        self._timed_from = step, now
        return (
            {"images_per_second": (step - first) * self._batch_size / (now - since)} if step > first else {}
        )

    def _write(self, step: int, scalars: dict[str, float]) -> None:
        with self._writer.as_default(step=step):
            for name, value in scalars.items():
                tf.summary.scalar(f"{self._stage}/{name}", value)
        self._writer.flush()
        line = {"stage": self._stage, "step": step, **scalars}
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
