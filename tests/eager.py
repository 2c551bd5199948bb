"""Without tracing, which takes ten times as long as a tiny step: for tests of what a step does."""

from __future__ import annotations

import contextlib
import warnings
from collections.abc import Iterator

import tensorflow as tf


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
