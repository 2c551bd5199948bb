"""Checkpoints of a stage: written whole or not at all, the newest found again by name."""

from __future__ import annotations

import contextlib
import os
import re
import shutil
import time
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import tensorflow as tf
from absl import logging

from spt_tf.data.atomic_write import write_whole
from spt_tf.data.file_reading import UnreadableFile, one_line, read_text
from spt_tf.training.checkpoint_sums import damage, write_sums

_NAME = re.compile(r"step-(\d{8})$")
_DAMAGED = ".damaged"  # behind the name of a checkpoint that was set aside


class CheckpointMismatch(UnreadableFile, AssertionError):
    """A checkpoint of other networks than those that are to be filled; names it."""


class CheckpointNotWritten(OSError):
    """The disk is full, or does not let us; the checkpoints before are untouched."""


class StageCheckpoints:
    """The directory of one stage's checkpoints, `step-XXXXXXXX/`, and its `finished` mark.

    A checkpoint holds two TensorFlow checkpoints: `state`, all that training needs to go on, and
    `networks`, the networks by name as everything after training loads them; and the checksums of its files.
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

    def whole_step(self, *parts: str) -> int:
        """Step of the newest checkpoint in which these parts are undamaged; 0 where there is none at all.

        Warns of the newer ones, which are damaged. Raises UnreadableFile where all are.
        """
        return self._newest_whole(parts)[0]

    def set_aside_damaged(self, *parts: str) -> None:
        """Renames checkpoints that are newer than `whole_step`, so that training goes on from there.

        A stage that was finished is not any more. Workers other than the chief wait until that is done.
        Raises as `whole_step`.
        """
        step, damaged = self._newest_whole(parts)
        for newer in damaged:
            folder = self._folder(newer)
            if self.chief:
                shutil.rmtree(folder + _DAMAGED, ignore_errors=True)
                os.replace(folder, folder + _DAMAGED)
            else:
                wait_for_file(folder + _DAMAGED)
        if damaged and self.chief:
            logging.warning(
                "%s: set aside as %s; training repeats %d steps from step %d",
                self._folder(damaged[0]),
                os.path.basename(self._folder(damaged[0])) + _DAMAGED,
                damaged[0] - step,
                step,
            )

    def _newest_whole(self, parts: tuple[str, ...]) -> tuple[int, list[int]]:
        """The step, and the damaged ones after it, newest first."""
        problems: dict[int, str] = {}
        for step in reversed(self.steps()):
            problem = damage(self._folder(step), *parts)
            if problem is None:
                for newer, why in problems.items():
                    logging.warning("%s; step %d is read instead, %d before it", why, step, newer - step)
                return step, list(problems)
            problems[step] = problem
        if problems:
            raise UnreadableFile(
                self.directory,
                f"no undamaged checkpoint is left ({'; '.join(problems.values())}); "
                "delete this folder to train the stage anew",
            )
        return 0, []

    def _folder(self, step: int) -> str:
        return os.path.join(self.directory, f"step-{step:08d}")

    def path(self, part: str, step: int | None = None) -> str:
        """Prefix of a TensorFlow checkpoint: part is `state` or `networks`; newest step by default."""
        step = self.latest_step() if step is None else step
        return os.path.join(self._folder(step), part)

    @contextlib.contextmanager
    def writing(self, step: int) -> Iterator[str]:
        """A directory to write the parts of a checkpoint to, which gets its name at the end.

        Raises CheckpointNotWritten, and leaves nothing, where the disk is full or does not let us.
        """
        temporary = ""
        try:
            temporary = self.begin()
            yield temporary
            self.commit(temporary, step)
        except (OSError, tf.errors.OpError) as error:
            if temporary:
                shutil.rmtree(temporary, ignore_errors=True)
            problem = getattr(error, "strerror", None) or one_line(str(error))
            raise CheckpointNotWritten(
                f"{self._folder(step)}: the checkpoint cannot be written ({problem}); "
                f"the last one, of step {self.latest_step()}, is untouched"
            ) from error

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
        final = self._folder(step)
        if os.path.exists(final):
            shutil.rmtree(temporary)
        else:
            write_sums(temporary)
            _sync(temporary)
            os.replace(temporary, final)
        for old in self.steps()[: -self.keep]:
            shutil.rmtree(self._folder(old))

    def finish(self) -> None:
        """Marks the stage as done; workers other than the chief wait until it is."""
        if self.chief:
            write_whole(self._mark(), f"{self.latest_step()}\n".encode())
        else:
            wait_for_file(self._mark())

    def is_finished(self) -> bool:
        """Whether `finish` was called, and the checkpoint it left has not been set aside since."""
        return os.path.exists(self._mark()) and not self._lost_its_last()

    def _lost_its_last(self) -> bool:
        try:
            last = self._folder(int(read_text(self._mark())))
        except ValueError:  # a mark that a killed process of an older version left empty
            return False
        return os.path.exists(last + _DAMAGED) and not os.path.exists(last)

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
    read_checkpoint(prefix, **networks).expect_partial()


def build_from_networks(
    build: Callable[[], object], wanted: Mapping[str, Mapping[str, tf.keras.Model]]
) -> None:
    """Fills networks from `networks` checkpoints while `build`, by calling them, makes their variables.

    So neither random values are drawn nor are there ever two of all weights in memory.

    wanted: for each checkpoint's prefix its networks by name; all their variables must be there; of a
        variable in two of them the latter's counts.
    Raises CheckpointMismatch.
    """
    if not wanted:
        build()
        return
    with _mismatch_named(" or ".join(wanted)):
        readings = [tf.train.Checkpoint(**networks).read(prefix) for prefix, networks in wanted.items()]
        build()
    for prefix, reading in zip(wanted, readings):
        with _mismatch_named(prefix):
            reading.assert_existing_objects_matched().expect_partial()


def read_checkpoint(prefix: str, **objects: tf.Module) -> Any:
    """Fills variables from a TensorFlow checkpoint, every one there is; returns TensorFlow's status.

    Raises CheckpointMismatch.
    """
    with _mismatch_named(prefix):
        return tf.train.Checkpoint(**objects).read(prefix).assert_existing_objects_matched()


@contextlib.contextmanager
def _mismatch_named(prefix: str) -> Iterator[None]:
    try:
        yield
    except (AssertionError, ValueError, tf.errors.OpError) as error:
        raise CheckpointMismatch(prefix, f"does not fit the networks of config.json: {error}") from error
