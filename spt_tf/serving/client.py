"""A client for an exported model behind TF Serving or behind `export/serve.py`."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import grpc
import numpy as np
import tensorflow as tf
from google.protobuf.message import Message
from numpy.typing import ArrayLike
from tensorflow_serving.apis import (
    get_model_metadata_pb2,
    get_model_status_pb2,
    model_service_pb2_grpc,
    predict_pb2,
    prediction_service_pb2_grpc,
)

from spt_tf.serving.channel import MAX_MESSAGE_BYTES, ClientTls, open_channel
from spt_tf.serving.client_errors import from_rpc
from spt_tf.serving.embedded.tensor_messages import to_array

_State = get_model_status_pb2.ModelVersionStatus.State


class Transferred(NamedTuple):
    """An answer of `transfer_pose`: image and parsing as arrays, and the version that gave it."""

    image: np.ndarray
    parsing: np.ndarray
    version: int


class TransferredEncoded(NamedTuple):
    """An answer of `transfer_pose_encoded`: PNG bytes of one person, or of a batch in order."""

    image: bytes | list[bytes]
    parsing: bytes | list[bytes]
    version: int


class FoundPose(NamedTuple):
    """An answer of `find_pose`: keypoints `[18,2]`, (y, x), -1 missing, and scores `[18]` in [0, 1]."""

    keypoints: np.ndarray
    scores: np.ndarray


class ParsedImage(NamedTuple):
    """An answer of `parse_image`: labels uint8 `[H,W]`, and how sure of each, float32 `[H,W]` in [0, 1]."""

    parsing: np.ndarray
    confidence: np.ndarray


class TransferredFromPhoto(NamedTuple):
    """An answer of `transfer_pose_from_photo`, of one person or of a batch in order.

    image, parsing: PNG bytes. source_keypoints `[18,2]`, in the photo's own pixels, source_scores `[18]`,
    source_parsing, PNG bytes on the canvas: what was found in the photo; target_...: in the target's photo,
    where there was one.
    """

    image: bytes | list[bytes]
    parsing: bytes | list[bytes]
    source_keypoints: np.ndarray
    source_scores: np.ndarray
    source_parsing: bytes | list[bytes]
    version: int
    target_keypoints: np.ndarray | None = None
    target_scores: np.ndarray | None = None
    target_parsing: bytes | list[bytes] | None = None


class PoseTransferClient:
    """Asks a model at `host:port`. Close it, or use it in a `with` block; threads may share it.

    One person or a batch: every method takes a person's arrays without the batch axis and answers without
    it, or takes `[B, ...]` (for bytes: lists) and answers likewise. Images are uint8 `[H,W,3]`, parsings
    uint8 `[H,W]` with labels 0..9, keypoints `[18,2]` (y, x) in pixels, -1 where missing.

    Calls raise `client_errors.PoseTransferError` and its kinds. UNAVAILABLE, and nothing else, is retried
    within the deadline.

    Args:
        server: host:port.
        model: name the server knows the model by.
        version: a version number; None: the server's latest.
        timeout: deadline of a call in seconds.
        tls: None: no encryption.
        max_message_bytes: largest request and answer.
    """

    def __init__(
        self,
        server: str,
        model: str = "spt",
        version: int | None = None,
        timeout: float = 60.0,
        tls: ClientTls | None = None,
        max_message_bytes: int = MAX_MESSAGE_BYTES,
    ):
        self.model, self._version, self._timeout = model, version, timeout
        self._channel = open_channel(server, tls, max_message_bytes)
        self._predictions = prediction_service_pb2_grpc.PredictionServiceStub(self._channel)
        self._models = model_service_pb2_grpc.ModelServiceStub(self._channel)

    def transfer_pose(
        self,
        source_image: ArrayLike,
        source_parsing: ArrayLike,
        source_keypoints: ArrayLike,
        target_keypoints: ArrayLike,
    ) -> Transferred:
        """The person in the target pose."""
        inputs = {
            "source_image": _uint8(source_image),
            "source_parsing": _uint8(source_parsing),
            "source_keypoints": _float32(source_keypoints),
            "target_keypoints": _float32(target_keypoints),
        }
        outputs, version = self._predict("transfer_pose", inputs)
        return Transferred(outputs["image"], outputs["parsing"], version)

    def transfer_pose_encoded(
        self,
        source_image: bytes | Sequence[bytes],
        source_parsing: bytes | Sequence[bytes],
        source_keypoints: ArrayLike,
        target_keypoints: ArrayLike,
    ) -> TransferredEncoded:
        """`transfer_pose` with a JPEG's or PNG's bytes and a parsing PNG's bytes, answered as PNG bytes."""
        inputs = {
            "source_image": np.array(source_image, object),
            "source_parsing": np.array(source_parsing, object),
            "source_keypoints": _float32(source_keypoints),
            "target_keypoints": _float32(target_keypoints),
        }
        outputs, version = self._predict("transfer_pose_encoded", inputs)
        return TransferredEncoded(_bytes(outputs["image"]), _bytes(outputs["parsing"]), version)

    def transform_parsing(
        self, source_parsing: ArrayLike, source_keypoints: ArrayLike, target_keypoints: ArrayLike
    ) -> np.ndarray:
        """The person's parsing in the target pose, alone."""
        inputs = {
            "source_parsing": _uint8(source_parsing),
            "source_keypoints": _float32(source_keypoints),
            "target_keypoints": _float32(target_keypoints),
        }
        return self._predict("transform_parsing", inputs)[0]["parsing"]

    def generate_from_parsing(
        self,
        source_image: ArrayLike,
        source_parsing: ArrayLike,
        source_keypoints: ArrayLike,
        target_parsing: ArrayLike,
        target_keypoints: ArrayLike,
    ) -> np.ndarray:
        """The person's image on a target parsing of your own."""
        inputs = {
            "source_image": _uint8(source_image),
            "source_parsing": _uint8(source_parsing),
            "source_keypoints": _float32(source_keypoints),
            "target_parsing": _uint8(target_parsing),
            "target_keypoints": _float32(target_keypoints),
        }
        return self._predict("generate_from_parsing", inputs)[0]["image"]

    def transfer_texture(
        self,
        source_image: ArrayLike,
        source_parsing: ArrayLike,
        source_keypoints: ArrayLike,
        target_image: ArrayLike,
        target_parsing: ArrayLike,
        target_keypoints: ArrayLike,
        labels: ArrayLike,
    ) -> np.ndarray:
        """Garments of the source on the target person, in the target's pose: an image.

        labels: uint8 `[10]` or `[B,10]`, 1 for those to transfer; outside them every pixel is the target's.
            None chosen: all of the source on the target's parsing. One that somebody lacks is refused.
        """
        inputs = {
            "source_image": _uint8(source_image),
            "source_parsing": _uint8(source_parsing),
            "source_keypoints": _float32(source_keypoints),
            "target_image": _uint8(target_image),
            "target_parsing": _uint8(target_parsing),
            "target_keypoints": _float32(target_keypoints),
            "labels": _uint8(labels),
        }
        return self._predict("transfer_texture", inputs)[0]["image"]

    def find_pose(self, image: ArrayLike) -> FoundPose:
        """The joints of the person in an image of the model's canvas."""
        outputs, _ = self._predict("find_pose", {"image": _uint8(image)})
        return FoundPose(outputs["keypoints"], outputs["scores"])

    def parse_image(self, image: ArrayLike) -> ParsedImage:
        """The parsing of the person in an image of the model's canvas."""
        outputs, _ = self._predict("parse_image", {"image": _uint8(image)})
        return ParsedImage(outputs["parsing"], outputs["confidence"])

    def transfer_pose_from_photo(
        self,
        source_photo: bytes | Sequence[bytes],
        target_keypoints: ArrayLike | None = None,
        target_photo: bytes | Sequence[bytes] | None = None,
    ) -> TransferredFromPhoto:
        """The person of a JPEG or PNG of any size in a target pose, or in that of somebody in another photo.

        Needs a model that was exported with a finder. Raises ValueError unless one target is given.
        """
        if (target_keypoints is None) == (target_photo is None):
            raise ValueError("expected target_keypoints or target_photo")
        inputs = {"source_photo": np.array(source_photo, object)}
        if target_keypoints is not None:
            inputs["target_keypoints"] = _float32(target_keypoints)
            outputs, version = self._predict("transfer_pose_from_photo", inputs)
        else:
            inputs["target_photo"] = np.array(target_photo, object)
            outputs, version = self._predict("transfer_pose_between_photos", inputs)
        pictures = {"image", "parsing", "source_parsing", "target_parsing"}
        answer: dict[str, Any] = {
            name: _bytes(value) if name in pictures else value for name, value in outputs.items()
        }
        return TransferredFromPhoto(**answer, version=version)

    def signatures(self) -> list[str]:
        """Names of what the model answers; without `transfer_pose` it was exported without H_S."""
        return sorted(name for name in self._signature_defs() if not name.startswith("__"))

    def canvas(self) -> tuple[int, int]:
        """(height, width) the model takes, from its signatures."""
        shape = self._signature_defs()["serving_default"].inputs["source_image"].tensor_shape
        return shape.dim[1].size, shape.dim[2].size

    def available_versions(self) -> list[int]:
        """Versions the server would answer from."""
        request = get_model_status_pb2.GetModelStatusRequest()
        request.model_spec.name = self.model
        answer = self._call(self._models.GetModelStatus, request)
        return sorted(s.version for s in answer.model_version_status if s.state == _State.AVAILABLE)

    def close(self) -> None:
        """Closes the connection."""
        self._channel.close()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def _signature_defs(self):
        request = get_model_metadata_pb2.GetModelMetadataRequest(metadata_field=["signature_def"])
        self._specify(request)
        answer = self._call(self._predictions.GetModelMetadata, request)
        signatures = get_model_metadata_pb2.SignatureDefMap()
        answer.metadata["signature_def"].Unpack(signatures)
        return signatures.signature_def

    def _predict(self, signature: str, inputs: dict[str, np.ndarray]) -> tuple[dict[str, np.ndarray], int]:
        single = _is_one(*next(iter(inputs.items())))
        request = predict_pb2.PredictRequest()
        self._specify(request)
        request.model_spec.signature_name = signature
        for name, value in inputs.items():
            request.inputs[name].CopyFrom(tf.make_tensor_proto(value[None] if single else value))
        answer = self._call(self._predictions.Predict, request)
        outputs = {name: to_array(proto) for name, proto in answer.outputs.items()}
        if single:
            outputs = {name: value[0] for name, value in outputs.items()}
        return outputs, answer.model_spec.version.value

    def _specify(self, request: Message) -> None:
        request.model_spec.name = self.model
        if self._version is not None:
            request.model_spec.version.value = self._version

    def _call(self, method: Callable[..., Message], request: Message) -> Message:
        try:
            return method(request, timeout=self._timeout)
        except grpc.RpcError as error:
            raise from_rpc(error) from error


def _is_one(name: str, value: np.ndarray) -> bool:
    """Whether an input is one person's, without the batch axis."""
    kinds = {"image": 3, "parsing": 2, "keypoints": 2, "photo": 0}
    return value.ndim == (0 if value.dtype == object else kinds[name.rpartition("_")[2]])


def _uint8(value: ArrayLike) -> np.ndarray:
    value = np.asarray(value)
    if value.dtype == np.uint8:
        return value
    if not np.issubdtype(value.dtype, np.integer) or value.min() < 0 or value.max() > 255:
        raise TypeError(f"expected whole numbers 0..255, got {value.dtype}")
    return value.astype(np.uint8)


def _float32(value: ArrayLike) -> np.ndarray:
    return np.asarray(value, np.float32)


def _bytes(value: bytes | np.ndarray) -> bytes | list[bytes]:
    return value if isinstance(value, bytes) else list(value)
