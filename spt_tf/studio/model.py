"""What the studio draws with: a finished run, a SavedModel in this process, or a server."""

from __future__ import annotations

import os
from typing import Protocol

import numpy as np
import tensorflow as tf

from spt_tf.applications.person_picture import Painter
from spt_tf.inference import FinishedRun, Generated, load_finished_run
from spt_tf.serving.client import PoseTransferClient
from spt_tf.serving.client_errors import PoseTransferError
from spt_tf.serving.signature_choice import GENERATE_FROM_PARSING, TRANSFER_POSE, MissingSignature

_ANSWER_SECONDS = 20.0  # a person waits for the picture: an error is better than a minute of nothing


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


class RunModel:
    """A finished run in this process.

    Raises ValueError for a run without semantics: there is no parsing to paint.
    """

    def __init__(self, run: FinishedRun, title: str):
        if not run.config.network.semantics:
            raise ValueError(f"{title}: a run without semantics draws on no parsing; the studio needs one")
        self._run = run
        self.canvas = run.canvas
        self.predicts_parsing = run.generator.predicts_parsing
        self.title = f"{title}, stage {run.stage}, step {run.step}"

    def transfer_pose(self, image, parsing, keypoints, target_keypoints) -> Generated:
        """As StudioModel."""
        image, parsing = self._run.transfer_pose(image, parsing, keypoints, target_keypoints)
        return Generated(image.numpy(), parsing.numpy())

    def render(self, image, parsing, keypoints, target_parsing, target_keypoints) -> np.ndarray:
        """As StudioModel."""
        return self._run.render(image, parsing, keypoints, target_parsing, target_keypoints).numpy()


class SavedModel:
    """A version directory such as `models/spt/1`, in this process.

    Raises OSError where there is none, MissingSignature where it cannot draw on a parsing.
    """

    def __init__(self, directory: str | os.PathLike):
        self._model = tf.saved_model.load(os.fspath(directory))  # owns the weights the signatures use
        signatures = self._model.signatures
        _check_signatures(os.fspath(directory), list(signatures))
        shape = signatures[GENERATE_FROM_PARSING].structured_input_signature[1]["source_image"].shape
        self.canvas = (shape[1], shape[2])
        self.predicts_parsing = TRANSFER_POSE in signatures
        self.title = os.fspath(directory)

    def transfer_pose(self, image, parsing, keypoints, target_keypoints) -> Generated:
        """As StudioModel."""
        outputs = self._ask(TRANSFER_POSE, _inputs(image, parsing, keypoints, target_keypoints))
        return Generated(outputs["image"], outputs["parsing"])

    def render(self, image, parsing, keypoints, target_parsing, target_keypoints) -> np.ndarray:
        """As StudioModel."""
        inputs = _inputs(image, parsing, keypoints, target_keypoints)
        inputs["target_parsing"] = np.asarray(target_parsing, np.uint8)
        return self._ask(GENERATE_FROM_PARSING, inputs)["image"]

    def _ask(self, signature: str, inputs: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
        batch = {name: tf.constant(value[np.newaxis]) for name, value in inputs.items()}
        return {name: value[0].numpy() for name, value in self._model.signatures[signature](**batch).items()}


class ServedModel:
    """A model behind TF Serving or `export/serve.py`.

    Raises ModelError where nobody answers or the model is unknown there, MissingSignature as SavedModel.
    """

    def __init__(self, server: str, model: str):
        self._client = PoseTransferClient(server, model, timeout=_ANSWER_SECONDS)
        self.title = f"{model} at {server}"
        try:
            signatures = self._client.signatures()
            self.canvas = self._client.canvas()
        except PoseTransferError as error:
            raise _as_model_error(self.title, error) from error
        _check_signatures(self.title, signatures)
        self.predicts_parsing = TRANSFER_POSE in signatures

    def transfer_pose(self, image, parsing, keypoints, target_keypoints) -> Generated:
        """As StudioModel."""
        try:
            answer = self._client.transfer_pose(image, parsing, keypoints, target_keypoints)
        except PoseTransferError as error:
            raise _as_model_error(self.title, error) from error
        return Generated(answer.image, answer.parsing)

    def render(self, image, parsing, keypoints, target_parsing, target_keypoints) -> np.ndarray:
        """As StudioModel."""
        try:
            return self._client.generate_from_parsing(
                image, parsing, keypoints, target_parsing, target_keypoints
            )
        except PoseTransferError as error:
            raise _as_model_error(self.title, error) from error


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


def _inputs(image, parsing, keypoints, target_keypoints) -> dict[str, np.ndarray]:
    return {
        "source_image": np.asarray(image, np.uint8),
        "source_parsing": np.asarray(parsing, np.uint8),
        "source_keypoints": np.asarray(keypoints, np.float32),
        "target_keypoints": np.asarray(target_keypoints, np.float32),
    }


def _check_signatures(model: str, signatures: list[str]) -> None:
    if GENERATE_FROM_PARSING not in signatures:
        raise MissingSignature(f"{model} has no signature {GENERATE_FROM_PARSING!r}, only {signatures}")


def _as_model_error(title: str, error: PoseTransferError) -> ModelError:
    gone = error.code.name in ("UNAVAILABLE", "DEADLINE_EXCEEDED", "NOT_FOUND", "RESOURCE_EXHAUSTED")
    return ModelError(f"{title}: {error.message or error.code.name}", gone)
