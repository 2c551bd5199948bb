"""A SavedModel in this process, asked for many people at once; bad ones do not spoil the others."""

from __future__ import annotations

import os
from typing import NamedTuple

import numpy as np
import tensorflow as tf

_SIGNATURE = "transfer_pose"
_NOT_SAID = ("Graph execution error", "Detected at node", "<stack traces")  # around the graph's own words


class Example(NamedTuple):
    """A pair and its inputs of `transfer_pose`, without the batch axis."""

    source: str
    target: str
    inputs: dict[str, np.ndarray]


class Scored(NamedTuple):
    """A pair's image uint8 `[H,W,3]` and parsing uint8 `[H,W]`, or why there are none."""

    source: str
    target: str
    image: np.ndarray | None = None
    parsing: np.ndarray | None = None
    reason: str = ""


class Scorer:
    """Loads a version directory such as `models/spt/1`. Raises OSError where there is none."""

    def __init__(self, saved_model: str | os.PathLike):
        self._model = tf.saved_model.load(os.fspath(saved_model))  # owns the weights the signature uses
        self._transfer_pose = self._model.signatures[_SIGNATURE]

    def score(self, examples: list[Example]) -> list[Scored]:
        """Answers in the same order. A batch that the graph refuses is asked again one by one."""
        try:
            return self._run(examples)
        except (tf.errors.OpError, ValueError) as error:  # ValueError: the sizes do not even stack
            if len(examples) == 1:
                source, target, _ = examples[0]
                return [Scored(source, target, reason=_first_line(error))]
        return [scored for example in examples for scored in self.score([example])]

    def _run(self, examples: list[Example]) -> list[Scored]:
        inputs = {
            name: tf.constant(np.stack([example.inputs[name] for example in examples]))
            for name in examples[0].inputs
        }
        outputs = self._transfer_pose(**inputs)
        images, parsings = outputs["image"].numpy(), outputs["parsing"].numpy()
        return [Scored(e.source, e.target, images[i], parsings[i]) for i, e in enumerate(examples)]


def _first_line(error: Exception) -> str:
    """What the graph said, without where in the graph."""
    lines = [line for line in str(error).splitlines() if line.strip() and not line.startswith(_NOT_SAID)]
    return lines[0].strip() if lines else type(error).__name__
