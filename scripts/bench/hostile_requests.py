"""Hostile calls of a served model, each with the answer it must get.

Every call is made of a good one. What is known to be wrong must be refused, what is known to be right must be
answered; of damaged pictures only those may be answered that another decoder reads too, and then with the
picture that its pixels give.
"""

from __future__ import annotations

import io
import random
import zlib
from collections.abc import Callable, Iterator
from typing import NamedTuple

import numpy as np
import tensorflow as tf
from grpc import StatusCode
from PIL import Image
from tensorflow_serving.apis import (
    classification_pb2,
    get_model_metadata_pb2,
    get_model_status_pb2,
    model_management_pb2,
    predict_pb2,
)

from hostile_bytes import damaged
from hostile_pictures import GREY, bomb, png_chunk, png_file, rows
from spt_tf import anatomy
from spt_tf.serving.example_requests import example_inputs

_PREDICTION, _MODELS = "/tensorflow.serving.PredictionService/", "/tensorflow.serving.ModelService/"
REFUSALS = frozenset(
    {
        StatusCode.INVALID_ARGUMENT,
        StatusCode.NOT_FOUND,
        StatusCode.FAILED_PRECONDITION,
        StatusCode.UNIMPLEMENTED,
    }
)
ANSWERED = frozenset({StatusCode.OK})
# gRPC's own word for bytes that are no message.
NO_MESSAGE = frozenset({StatusCode.INTERNAL})
_CODED = ("source_image", "source_parsing")
_INPUTS = (*_CODED, "source_keypoints", "target_keypoints")


class Attack(NamedTuple):
    """A call, the statuses it may get, and the request that must get the same pictures where it is answered.

    Where `same_as` is None an answer is taken as it is, unless `statuses` forbids it.
    """

    kind: str
    path: str
    message: bytes
    statuses: frozenset
    same_as: predict_pb2.PredictRequest | None = None


class Attacks:
    """Endless attacks on a model of this canvas, always the same for a seed."""

    def __init__(self, canvas: tuple[int, int], model: str, seed: int):
        self.canvas, self._model = canvas, model
        self._chance, self._numbers = random.Random(seed), np.random.default_rng(seed)
        self._bomb = bomb(np.zeros((*canvas, 3), np.uint8))

    def __iter__(self) -> Iterator[Attack]:
        kinds: list[Callable[[], Attack]] = [
            *(self._good, self._good_value_by_value, self._edge_of_the_canvas),
            *(self._wrong_label, self._wrong_joint, self._wrong_tensor, self._wrong_names, self._wrong_spec),
            *(self._wrong_length, self._wrapped_values, self._too_many_people),
            *(self._damaged_picture, self._damaged_picture, self._damaged_picture),
            *(self._deceiving_picture, self._damaged_message, self._damaged_message),
            *(self._metadata, self._status, self._reload, self._other_method),
        ]
        while True:
            yield self._chance.choice(kinds)()

    def good(self, encoded: bool = False) -> predict_pb2.PredictRequest:
        """A random good request for one or two people."""
        count = self._chance.randint(1, 2)
        return self._request(self._encoded(count) if encoded else self._raw(count))

    def _raw(self, count: int) -> dict[str, np.ndarray]:
        people = example_inputs(self.canvas)
        inputs = {name: np.repeat(people[name], count, axis=0) for name in _INPUTS}
        inputs["source_image"] = self._numbers.integers(0, 256, (count, *self.canvas, 3), dtype=np.uint8)
        inputs["source_parsing"] = self._numbers.integers(0, 10, (count, *self.canvas), dtype=np.uint8)
        shift = self._numbers.integers(-2, 3, inputs["target_keypoints"].shape)
        limit = np.array(self.canvas) - 1
        inputs["target_keypoints"] = np.clip(inputs["target_keypoints"] + shift, 0, limit).astype(np.float32)
        inputs["source_keypoints"][:, self._chance.randrange(18)] = anatomy.MISSING
        return inputs

    def _encoded(self, count: int) -> dict[str, np.ndarray]:
        inputs = self._raw(count)
        for name in _CODED:
            inputs[name] = np.array([_png(picture) for picture in inputs[name]], object)
        return inputs

    def _request(self, inputs: dict[str, np.ndarray]) -> predict_pb2.PredictRequest:
        request = predict_pb2.PredictRequest()
        request.model_spec.name = self._model
        encoded = inputs["source_image"].dtype == object
        request.model_spec.signature_name = "transfer_pose_encoded" if encoded else "transfer_pose"
        for name, value in inputs.items():
            request.inputs[name].CopyFrom(tf.make_tensor_proto(value))
        return request

    def _predict(self, kind, request, statuses, same_as=None):
        return Attack(kind, f"{_PREDICTION}Predict", request.SerializeToString(), statuses, same_as)

    def _good(self):
        return self._predict("good", self.good(self._chance.random() < 0.5), ANSWERED)

    def _good_value_by_value(self):
        expected = self.good()
        request = predict_pb2.PredictRequest.FromString(expected.SerializeToString())
        for tensor in request.inputs.values():
            if tensor.dtype == tf.uint8.as_datatype_enum:
                values, tensor.tensor_content = list(tensor.tensor_content), b""
                tensor.int_val.extend(values)
        return self._predict("good, value by value", request, ANSWERED, expected)

    def _edge_of_the_canvas(self):
        inputs = self._raw(1)
        edges = (0, np.nextafter(np.float32(self.canvas[0]), np.float32(0)), anatomy.MISSING)
        inputs["source_keypoints"][0, self._chance.randrange(18), 0] = self._chance.choice(edges)
        return self._predict("joint at the edge", self._request(inputs), ANSWERED)

    def _wrong_label(self):
        inputs = self._raw(self._chance.randint(1, 2))
        self._put(inputs["source_parsing"], self._chance.randint(10, 255))
        return self._predict("wrong label", self._request(inputs), REFUSALS)

    def _wrong_joint(self):
        inputs = self._raw(1)
        wrong = (np.nan, np.inf, -np.inf, -0.5, -2, 1e30, *map(float, [max(self.canvas)]))
        self._put(
            inputs[self._chance.choice(("source_keypoints", "target_keypoints"))], self._chance.choice(wrong)
        )
        return self._predict("wrong joint", self._request(inputs), REFUSALS)

    def _put(self, array, value):
        array.reshape(-1)[self._chance.randrange(array.size)] = value

    def _wrong_tensor(self):
        inputs = self._raw(2)
        name = self._chance.choice(sorted(inputs))
        value = inputs[name]
        wrong = (
            *(
                value[0],
                value[:1],
                value[:0],
                value[..., :-1],
                value[:, 1:],
                np.concatenate([value, value], 1),
            ),
            *(value.astype(np.float64), value.astype(np.int64), value.astype(str).astype(object)),
        )
        inputs[name] = self._chance.choice(wrong)
        request = self._request({**inputs, "source_image": inputs["source_image"]})
        request.model_spec.signature_name = "transfer_pose"
        return self._predict("wrong tensor", request, REFUSALS)

    def _wrong_names(self):
        request = self.good()
        wrong = self._chance.randrange(4)
        if wrong == 0:
            del request.inputs[self._chance.choice(sorted(request.inputs))]
        elif wrong == 1:
            request.inputs[self._text()].CopyFrom(request.inputs["source_image"])
        elif wrong == 2:
            request.output_filter.append(self._text())
        else:
            request.output_filter.extend(["image", "image"])
        return self._predict("wrong names", request, REFUSALS)

    def _wrong_spec(self):
        request = self.good()
        wrong = self._chance.randrange(4)
        if wrong == 0:
            request.model_spec.name = self._text()
        elif wrong == 1:
            request.model_spec.version.value = self._chance.choice((-1, 0, 2**40, -(2**63), 2**63 - 1))
        elif wrong == 2:
            request.model_spec.version_label = self._text()
        else:
            request.model_spec.signature_name = self._text()
        return self._predict("wrong model", request, REFUSALS)

    def _text(self) -> str:
        texts = ("x", "\0", "../" * 9, "\u00e9" * 9000, "\U0001f600", "spt/1", "a" * 100_000, "%s%n", "\n\r")
        return self._chance.choice(texts)

    def _wrong_length(self):
        request = self.good()
        tensor = request.inputs[self._chance.choice(sorted(request.inputs))]
        content = tensor.tensor_content
        cut = self._chance.choice((content[:-1], content + b"\0", content * 2, content[:3]))
        tensor.tensor_content = cut
        if self._chance.random() < 0.3:
            tensor.tensor_shape.dim[0].size = self._chance.choice((2**40, -1, 2**62, 17, 0))
        return self._predict("wrong length", request, REFUSALS)

    def _wrapped_values(self):
        request = self.good()
        tensor = request.inputs["source_parsing"]
        values, tensor.tensor_content = list(tensor.tensor_content), b""
        if self._chance.random() < 0.5:
            values[self._chance.randrange(len(values))] = self._chance.choice((256, 259, -1, 2**31 - 1))
        else:
            values.append(1)
        tensor.int_val.extend(values)
        return self._predict("values to drop or wrap", request, REFUSALS)

    def _too_many_people(self):
        inputs = {name: np.repeat(value, 40, axis=0) for name, value in self._raw(1).items()}
        return self._predict("too many people", self._request(inputs), REFUSALS)

    def _damaged_picture(self):
        """PNG or JPEG; the same request in another decoder's pixels must get the same answer."""
        inputs = self._raw(1)
        name = self._chance.choice(_CODED)
        pictures, progressive = {key: _png(inputs[key][0]) for key in _CODED}, False
        if name == "source_image" and self._chance.random() < 0.6:
            progressive, quality = self._chance.random() < 0.5, self._chance.randint(30, 100)
            pictures[name] = _saved(inputs[name][0], "jpeg", progressive=progressive, quality=quality)
        pictures[name] = damaged(pictures[name], self._chance)
        coded = {**inputs, **{key: np.array([picture], object) for key, picture in pictures.items()}}
        pixels = self._pixels(pictures[name], name)
        if pixels is None:
            return self._predict(f"damaged {name}", self._request(coded), REFUSALS)
        # Versions of libjpeg smooth what a progressive file is short of in different ways.
        expected = None if progressive else self._request({**inputs, name: pixels[None]})
        return self._predict(f"damaged {name}", self._request(coded), REFUSALS | ANSWERED, expected)

    def _pixels(self, picture: bytes, name: str) -> np.ndarray | None:
        """What Pillow makes of a picture; None where it makes nothing that should be answered."""
        try:
            with Image.open(io.BytesIO(picture), formats=("PNG", "JPEG")) as file:
                if (file.height, file.width) != self.canvas:
                    return None
                if name == "source_image":
                    return np.array(file.convert("RGB"))
                labels = np.array(file)
        except Exception:
            return None
        return labels if labels.dtype == np.uint8 and labels.ndim == 2 and labels.max() < 10 else None

    def _deceiving_picture(self):
        inputs = self._encoded(1)
        noise = self._raw(1)["source_image"][0]
        stream = zlib.compress(rows(noise))
        giant = png_file((60000, 60000), stream)
        hidden = png_file(self.canvas, stream)
        hidden = hidden[:8] + png_chunk(b"teXt", hidden[16:29]) + giant[8:]
        deep = png_file(self.canvas, zlib.compress(rows(np.full(self.canvas, 3, np.uint16))), GREY, depth=16)
        wrong = {
            "source_image": (
                self._bomb,
                giant,
                hidden,
                _saved(noise, "webp"),
                _saved(noise, "bmp"),
                b"",
                b"\xff\xd8\xff",
            ),
            "source_parsing": (
                self._bomb,
                giant,
                deep,
                _saved(noise, "jpeg"),
                _saved(noise, "gif"),
                b"\x89PNG",
            ),
        }
        name = self._chance.choice(_CODED)
        inputs[name] = np.array([self._chance.choice(wrong[name])], object)
        return self._predict("picture that deceives", self._request(inputs), REFUSALS)

    def _damaged_message(self):
        message = damaged(self.good().SerializeToString(), self._chance)
        return Attack("damaged message", f"{_PREDICTION}Predict", message, REFUSALS | ANSWERED | NO_MESSAGE)

    def _metadata(self):
        request = get_model_metadata_pb2.GetModelMetadataRequest()
        request.model_spec.name, right = self._chance.choice(((self._model, True), (self._text(), False)))
        fields = self._chance.choice((["signature_def"], [self._text()], []))
        request.metadata_field.extend(fields)
        statuses = ANSWERED if right and fields == ["signature_def"] else REFUSALS
        return Attack("metadata", f"{_PREDICTION}GetModelMetadata", request.SerializeToString(), statuses)

    def _status(self):
        request = get_model_status_pb2.GetModelStatusRequest()
        request.model_spec.name, right = self._chance.choice(((self._model, True), (self._text(), False)))
        if self._chance.random() < 0.3:
            request.model_spec.version.value, right = self._chance.choice((2**63 - 1, -1, 77)), False
        statuses = ANSWERED if right else REFUSALS
        return Attack("status", f"{_MODELS}GetModelStatus", request.SerializeToString(), statuses)

    def _reload(self):
        """Configurations that must not be taken, and must leave the model as it is."""
        request = model_management_pb2.ReloadConfigRequest()
        configs = request.config.model_config_list.config
        wrong = self._chance.randrange(4)
        model = {"name": self._model, "base_path": "/nowhere", "model_platform": "tensorflow"}
        if wrong == 0:
            configs.add(**{**model, "base_path": self._text()})
        elif wrong == 1:
            configs.add(**{**model, "model_platform": self._text()})
        elif wrong == 2:
            configs.extend([configs.add(**model)])
        else:
            configs.add(**model).version_labels[self._text()] = 77
        message = request.SerializeToString() if self._chance.random() < 0.9 else b""
        return Attack("reload", f"{_MODELS}HandleReloadConfigRequest", message, REFUSALS)

    def _other_method(self):
        request = classification_pb2.ClassificationRequest()
        request.model_spec.name = self._model
        path = self._chance.choice(("Classify", "Regress", "MultiInference", "Train", ""))
        message = self._chance.choice((request.SerializeToString(), b""))
        return Attack("other method", f"{_PREDICTION}{path}", message, REFUSALS | NO_MESSAGE)


def _png(array: np.ndarray) -> bytes:
    return _saved(array, "png")


def _saved(array: np.ndarray, kind: str, **options: object) -> bytes:
    file = io.BytesIO()
    Image.fromarray(array).save(file, format=kind, **options)
    return file.getvalue()
