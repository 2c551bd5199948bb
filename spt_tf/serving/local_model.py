"""A SavedModel in this process, asked for many people at once; bad ones do not spoil the others."""

from __future__ import annotations

import os
from pathlib import Path
from typing import NamedTuple

import numpy as np
import tensorflow as tf
from tensorflow.core.protobuf import saved_model_pb2

from spt_tf.data.file_reading import read_bytes, reading
from spt_tf.serving.signature_choice import choose_signature, require_photo_signature

_NOT_SAID = ("Graph execution error", "Detected at node", "<stack traces")  # around the graph's own words


class Example(NamedTuple):
    """A pair and its inputs of the model's signature, without the batch axis."""

    source: str
    target: str
    inputs: dict[str, np.ndarray]


class Scored(NamedTuple):
    """A pair's image uint8 `[H,W,3]` and, where predicted, parsing uint8 `[H,W]`; or why there are none.

    Of signatures that answer in PNG bytes, these.
    """

    source: str
    target: str
    image: np.ndarray | bytes | None = None
    parsing: np.ndarray | bytes | None = None
    reason: str = ""


class LocalModel:
    """Loads a version directory such as `models/spt/1`.

    With `has_target_parsing` it draws on target parsings that the examples bring; else it predicts them.
    signature: the one to ask instead, by name.
    Raises MissingFile where there is no model, UnreadableFile for a damaged one, MissingSignature where it
    cannot do that.
    """

    def __init__(
        self,
        saved_model: str | os.PathLike,
        has_target_parsing: bool = False,
        signature: str | None = None,
    ):
        name = scoring_signature(saved_model, has_target_parsing, signature)
        with reading(saved_model, "SavedModel"):
            self._model = tf.saved_model.load(os.fspath(saved_model))  # owns the weights the signature uses
            self._signature = self._model.signatures[name]

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
        outputs = {name: value.numpy() for name, value in self._signature(**inputs).items()}
        pictures = {name: value for name, value in outputs.items() if name in ("image", "parsing")}
        return [
            Scored(example.source, example.target, **{name: value[i] for name, value in pictures.items()})
            for i, example in enumerate(examples)
        ]


def scoring_signature(
    saved_model: str | os.PathLike, has_target_parsing: bool, signature: str | None = None
) -> str:
    """The signature a LocalModel would use, without loading it. Raises as LocalModel does."""
    path = Path(saved_model, "saved_model.pb")
    content = read_bytes(path, most=2**31)  # what Protocol Buffers can hold
    with reading(path, "SavedModel"):
        saved = saved_model_pb2.SavedModel.FromString(content)
        names = [name for name in saved.meta_graphs[0].signature_def if not name.startswith("__")]
    if signature is not None:
        return require_photo_signature(os.fspath(saved_model), names, signature)
    return choose_signature(os.fspath(saved_model), names, has_target_parsing)


def _first_line(error: Exception) -> str:
    """What the graph said, without where in the graph."""
    lines = [line for line in str(error).splitlines() if line.strip() and not line.startswith(_NOT_SAID)]
    return lines[0].strip() if lines else type(error).__name__
