"""What the studio draws with: a finished run, a SavedModel in this process, or a server."""

from __future__ import annotations

import abc
import dataclasses
import os
from collections.abc import Collection, Iterator
from typing import Protocol

import numpy as np
import tensorflow as tf

from spt_tf.applications.person_picture import Painter, PersonPicture
from spt_tf.applications.pose_sequence.frames import generate_frames
from spt_tf.data.file_reading import reading
from spt_tf.inference import FinishedRun, Generated, load_finished_run
from spt_tf.serving.client import PoseTransferClient
from spt_tf.serving.client_errors import PoseTransferError
from spt_tf.serving.signature_choice import GENERATE_FROM_PARSING, TRANSFER_POSE, MissingSignature

_ANSWER_SECONDS = 20.0  # a person waits for the picture: an error is better than a minute of nothing
_FRAMES_AT_ONCE = 4  # of a sequence: the page shows them as they come
_GONE = ("UNAVAILABLE", "DEADLINE_EXCEEDED", "NOT_FOUND", "RESOURCE_EXHAUSTED")  # it may come back


class ModelError(Exception):
    """The model did not draw; the message is for the person at the page.

    gone: whether it may come back, as a server that does not answer.
    """

    def __init__(self, message: str, gone: bool = False):
        super().__init__(message)
        self.gone = gone


class StudioModel(Painter, Protocol):
    """What an application asks of a model, one person a call, in NumPy arrays; and what the page shows.

    canvas: (height, width). predicts_parsing: whether `transfer_pose` works, else only `render` does.
    title: what the page calls it. Calls raise ModelError; threads may share a model.
    """

    canvas: tuple[int, int]
    predicts_parsing: bool
    title: str

    def frames(self, person: PersonPicture, poses: np.ndarray) -> Iterator[np.ndarray]:
        """The person in poses `[T,18,2]` that follow each other: uint8 `[H,W,3]` each."""


class RunModel:
    """A finished run in this process.

    Raises ValueError for a run without semantics: there is no parsing to paint.
    """

    def __init__(self, run: FinishedRun, title: str):
        if not run.config.network.semantics:
            raise ValueError(f"{title}: a run without semantics draws on no parsing; the studio needs one")
        # a drag is many pictures, none of which shall wait for a graph
        self._run = dataclasses.replace(run, untraced_calls=0)
        self.canvas = run.canvas
        self.predicts_parsing = run.generator.predicts_parsing
        self.title = f"{title}, stage {run.stage}, step {run.step}"

    def transfer_pose(self, *person_and_pose: np.ndarray) -> Generated:
        """As Painter."""
        image, parsing = self._run.transfer_pose(*person_and_pose)
        return Generated(np.asarray(image), np.asarray(parsing))

    def render(self, *person_and_target: np.ndarray) -> np.ndarray:
        """As Painter."""
        return np.asarray(self._run.render(*person_and_target))

    def frames(self, person: PersonPicture, poses: np.ndarray) -> Iterator[np.ndarray]:
        """As StudioModel; the label maps of neighbours are blended."""
        for frame in generate_frames(self._run, person, poses, batch_size=_FRAMES_AT_ONCE):
            yield frame.image


class _ExportedModel(abc.ABC):
    """The calls of Painter, by the signatures of an exported model."""

    canvas: tuple[int, int]
    predicts_parsing: bool

    def __init__(self, title: str, signatures: Collection[str]):
        if GENERATE_FROM_PARSING not in signatures:
            names = ", ".join(sorted(signatures))
            raise MissingSignature(f"{title} has no signature {GENERATE_FROM_PARSING!r}, only {names}")
        self.title = title
        self.predicts_parsing = TRANSFER_POSE in signatures

    def transfer_pose(
        self, image: np.ndarray, parsing: np.ndarray, keypoints: np.ndarray, target_keypoints: np.ndarray
    ) -> Generated:
        """As Painter."""
        inputs = {"source_image": image, "source_parsing": parsing}
        inputs |= {"source_keypoints": keypoints, "target_keypoints": target_keypoints}
        answer = self._ask(TRANSFER_POSE, inputs)
        return Generated(answer["image"], answer["parsing"])

    def render(
        self,
        image: np.ndarray,
        parsing: np.ndarray,
        keypoints: np.ndarray,
        target_parsing: np.ndarray,
        target_keypoints: np.ndarray,
    ) -> np.ndarray:
        """As Painter."""
        inputs = {"source_image": image, "source_parsing": parsing, "source_keypoints": keypoints}
        inputs |= {"target_parsing": target_parsing, "target_keypoints": target_keypoints}
        return self._ask(GENERATE_FROM_PARSING, inputs)["image"]

    def frames(self, person: PersonPicture, poses: np.ndarray) -> Iterator[np.ndarray]:
        """As StudioModel, one by one: an exported model answers with labels, which cannot be blended."""
        for pose in poses:
            yield self.transfer_pose(*person, pose).image

    @abc.abstractmethod
    def _ask(self, signature: str, inputs: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
        """The signature's outputs, of inputs without a batch axis."""


class SavedModel(_ExportedModel):
    """A version directory such as `models/spt/1`, in this process.

    Raises UnreadableFile where there is none, MissingSignature where it cannot draw on a parsing.
    """

    def __init__(self, directory: str | os.PathLike):
        with reading(directory, "SavedModel"):
            self._model = tf.saved_model.load(os.fspath(directory))  # owns the weights that signatures use
        signatures = self._model.signatures
        super().__init__(os.fspath(directory), list(signatures))
        shape = signatures[GENERATE_FROM_PARSING].structured_input_signature[1]["source_image"].shape
        self.canvas = (shape[1], shape[2])

    def _ask(self, signature: str, inputs: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
        batch = {name: tf.constant(value[np.newaxis]) for name, value in inputs.items()}
        return {name: value[0].numpy() for name, value in self._model.signatures[signature](**batch).items()}


class ServedModel(_ExportedModel):
    """A model behind TF Serving or `export/serve.py`.

    Raises ModelError where nobody answers or the model is unknown there, MissingSignature as SavedModel.
    """

    def __init__(self, server: str, model: str):
        self.title = f"{model} at {server}"
        self._client = PoseTransferClient(server, model, timeout=_ANSWER_SECONDS)
        try:
            signatures = self._client.signatures()
            self.canvas = self._client.canvas()
        except PoseTransferError as error:
            raise self._failed(error) from error
        super().__init__(self.title, signatures)

    def _ask(self, signature: str, inputs: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
        try:
            if signature == TRANSFER_POSE:
                return self._client.transfer_pose(**inputs)._asdict()
            return {"image": self._client.generate_from_parsing(**inputs)}
        except PoseTransferError as error:
            raise self._failed(error) from error

    def _failed(self, error: PoseTransferError) -> ModelError:
        return ModelError(f"{self.title}: {error.message or error.code.name}", error.code.name in _GONE)


def open_model(run_dir: str | None, saved_model: str | None, server: str | None, name: str) -> StudioModel:
    """The one of the three that is given; `name` is the model's name on a server.

    Raises as the three classes do, and RunNotFound.
    """
    if run_dir:
        return RunModel(load_finished_run(run_dir), run_dir)
    if saved_model:
        return SavedModel(saved_model)
    if server:
        return ServedModel(server, name)
    raise ValueError("expected a run directory, a SavedModel or a server")
