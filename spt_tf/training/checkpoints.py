"""Checkpoints of a stage: written whole or not at all, the newest found again by name."""

from __future__ import annotations

import os
import re
import shutil
import time

import tensorflow as tf

_NAME = re.compile(r"step-(\d{8})$")


class StageCheckpoints:
    """The directory of one stage's checkpoints, `step-XXXXXXXX/`, and its `finished` mark.

    A checkpoint holds two TensorFlow checkpoints: `state`, all that training needs to go on, and
    `networks`, the networks by name as everything after training loads them.
    """

    def __init__(self, directory: str, keep: int = 2, chief: bool = True):
        self.directory, self.keep, self.chief = directory, keep, chief

    def steps(self) -> list[int]:
        """Steps of the whole checkpoints here, in order."""
        names = os.listdir(self.directory) if os.path.isdir(self.directory) else []
        return sorted(int(match[1]) for match in map(_NAME.match, names) if match)

    def latest_step(self) -> int:
        """Step of the newest checkpoint; 0 where there is none."""
        return (self.steps() or [0])[-1]

    def path(self, part: str, step: int | None = None) -> str:
        """Prefix of a TensorFlow checkpoint: part is `state` or `networks`; newest step by default."""
        step = self.latest_step() if step is None else step
        return os.path.join(self.directory, f"step-{step:08d}", part)

    def begin(self) -> str:
        """A fresh temporary directory for the parts of a new checkpoint."""
        temporary = os.path.join(self.directory, f".writing-{'chief' if self.chief else os.getpid()}")
        shutil.rmtree(temporary, ignore_errors=True)
        os.makedirs(temporary)
        return temporary

    def commit(self, temporary: str, step: int) -> None:
        """Gives a written checkpoint its name and removes all but the newest `keep`."""
        if not self.chief:
            shutil.rmtree(temporary)
            return
        final = os.path.join(self.directory, f"step-{step:08d}")
        if os.path.exists(final):
            shutil.rmtree(temporary)
        else:
            _sync(temporary)
            os.replace(temporary, final)
        for old in self.steps()[: -self.keep]:
            shutil.rmtree(os.path.join(self.directory, f"step-{old:08d}"))

    def finish(self) -> None:
        """Marks the stage as done; workers other than the chief wait until it is."""
        if self.chief:
            with open(self._mark(), "w", encoding="utf8") as mark:
                mark.write(f"{self.latest_step()}\n")
        else:
            wait_for_file(self._mark())

    def is_finished(self) -> bool:
        """Whether `finish` was called."""
        return os.path.exists(self._mark())

    def _mark(self) -> str:
        return os.path.join(self.directory, "finished")


def wait_for_file(path: str) -> None:
    """Returns once a file that the chief writes is there; all workers share the run directory."""
    while not os.path.exists(path):
        time.sleep(0.5)


def _sync(directory: str) -> None:
    for name in os.listdir(directory):
        descriptor = os.open(os.path.join(directory, name), os.O_RDONLY)
        os.fsync(descriptor)
        os.close(descriptor)


def saved_networks(prefix: str) -> set[str]:
    """The names of the networks that a `networks` checkpoint holds."""
    return {key.split("/")[0] for key, _ in tf.train.list_variables(prefix)}


def read_networks(prefix: str, networks: dict[str, tf.keras.Model]) -> None:
    """Fills built networks from a `networks` checkpoint, each by its name; all variables must be there."""
    status = tf.train.Checkpoint(**networks).read(prefix)
    status.assert_existing_objects_matched()
    status.expect_partial()
