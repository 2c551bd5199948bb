"""Without tracing, which takes ten times as long as a tiny step; and whether a run's calls were traced."""

from __future__ import annotations

import contextlib
import warnings
from collections.abc import Callable, Iterator
from typing import Any

import pytest
import tensorflow as tf

from spt_tf.inference import FinishedRun


@contextlib.contextmanager
def eagerly() -> Iterator[None]:
    """Functions run eagerly inside, but for those of input pipelines, which TensorFlow warns of."""
    tf.config.run_functions_eagerly(True)
    try:
        with warnings.catch_warnings():
            warnings.filterwarnings(
                "ignore", "Even though the `tf.config.experimental_run_functions_eagerly`"
            )
            yield
    finally:
        tf.config.run_functions_eagerly(False)


def seen_in_calls(
    run: FinishedRun, monkeypatch: pytest.MonkeyPatch, look: Callable[[], Any] = tf.executing_eagerly
) -> list:
    """What `look()` tells each time the run's generator is called, by Python, to transfer a pose."""
    seen, transfer_pose = [], run.generator.transfer_pose

    def watched(*args: object) -> object:
        seen.append(look())
        return transfer_pose(*args)

    monkeypatch.setattr(run.generator, "transfer_pose", watched)
    return seen
