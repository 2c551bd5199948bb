"""TF Serving's PredictionService: Predict, GetModelMetadata, and its refusals of the other three."""

from __future__ import annotations

import concurrent.futures
from typing import Callable

import grpc
import numpy as np
from google.protobuf.message import Message
from tensorflow.core.framework import tensor_pb2
from tensorflow_serving.apis import (
    classification_pb2,
    get_model_metadata_pb2,
    inference_pb2,
    model_pb2,
    predict_pb2,
    prediction_service_pb2_grpc,
    regression_pb2,
)

from spt_tf.serving.embedded import predict_requests
from spt_tf.serving.embedded.calls import Call
from spt_tf.serving.embedded.errors import ServingError, invalid
from spt_tf.serving.embedded.loaded_version import in_use
from spt_tf.serving.embedded.model_store import ModelStore
from spt_tf.serving.embedded.pictures import check_picture
from spt_tf.serving.embedded.tensor_messages import to_typed_fields

_CLASSIFY = "tensorflow/serving/classify"
_REGRESS = "tensorflow/serving/regress"
_SIGNATURE_DEF = "signature_def"


class PredictionService(prediction_service_pb2_grpc.PredictionServiceServicer):
    """Answers from the versions in `store`, outputs in the form `to_message` gives them."""

    def __init__(
        self,
        store: ModelStore,
        to_message: Callable[[np.ndarray], tensor_pb2.TensorProto] = to_typed_fields,
    ):
        self.store, self._to_message = store, to_message

    def Predict(self, request: predict_pb2.PredictRequest, call: Call) -> predict_pb2.PredictResponse:
        """Runs a signature."""
        _require_spec(request)
        with self.store.use(request.model_spec) as version:
            limit = self.store.options.max_batch_size
            parsed = predict_requests.parse(request, in_use(version.servable), limit)
            _check_pictures(parsed.inputs, call)
            batcher = in_use(version.batcher)
            future = batcher.submit(parsed.signature, parsed.inputs, parsed.batch_size, call.deadline)
            call.add_callback(future.cancel)  # the caller went away
            outputs = _wait(future, call.time_remaining())
        response = predict_pb2.PredictResponse()
        response.model_spec.name = request.model_spec.name
        response.model_spec.version.value = version.version
        response.model_spec.signature_name = parsed.signature
        for name in parsed.outputs:
            response.outputs[name].CopyFrom(self._to_message(outputs[name]))
        return response

    def GetModelMetadata(
        self, request: get_model_metadata_pb2.GetModelMetadataRequest, call: Call
    ) -> get_model_metadata_pb2.GetModelMetadataResponse:
        """The signatures of a version."""
        _require_spec(request)
        if not request.metadata_field:
            raise invalid("GetModelMetadataRequest must specify at least one metadata_field")
        for field in request.metadata_field:
            if field != _SIGNATURE_DEF:
                raise invalid(f"Metadata field {field} is not supported")
        signatures = get_model_metadata_pb2.SignatureDefMap()
        response = get_model_metadata_pb2.GetModelMetadataResponse()
        with self.store.use(request.model_spec) as version:
            for name, definition in in_use(version.servable).meta_graph.signature_def.items():
                signatures.signature_def[name].CopyFrom(definition)
            response.model_spec.name = version.model
            response.model_spec.version.value = version.version
        response.metadata[_SIGNATURE_DEF].Pack(signatures)
        return response

    def Classify(
        self, request: classification_pb2.ClassificationRequest, call: Call
    ) -> classification_pb2.ClassificationResponse:
        """Refused: no signature here classifies."""
        _require_spec(request)
        self._refuse(request.model_spec, "classification", _CLASSIFY)

    def Regress(
        self, request: regression_pb2.RegressionRequest, call: Call
    ) -> regression_pb2.RegressionResponse:
        """Refused: no signature here regresses."""
        _require_spec(request)
        self._refuse(request.model_spec, "regression", _REGRESS)

    def MultiInference(
        self, request: inference_pb2.MultiInferenceRequest, call: Call
    ) -> inference_pb2.MultiInferenceResponse:
        """Refused likewise, task by task."""
        if not request.tasks:
            raise invalid("Inference request must contain at least one task.")
        for task in request.tasks:
            _require_spec(task)
            kinds = {_CLASSIFY: "classification", _REGRESS: "regression"}
            if task.method_name not in kinds:
                with self.store.use(task.model_spec):
                    unsupported = f"Unsupported signature method_name: {task.method_name}"
                    raise ServingError(grpc.StatusCode.UNIMPLEMENTED, unsupported)
            self._refuse(task.model_spec, kinds[task.method_name], task.method_name)

    def _refuse(self, spec: model_pb2.ModelSpec, kind: str, expected: str) -> None:
        name = spec.signature_name or predict_requests.DEFAULT_SIGNATURE
        with self.store.use(spec) as version:
            definitions = in_use(version.servable).meta_graph.signature_def
            if name not in definitions:
                raise invalid(f"No signature was found with the name: {name}")
            found = definitions[name].method_name
            raise invalid(f"Expected {kind} signature method_name to be {expected}. Was: {found}")


def _require_spec(request: Message) -> None:
    if not request.HasField("model_spec"):
        raise invalid("Missing ModelSpec")


def _check_pictures(inputs: dict[str, np.ndarray], call: Call) -> None:
    """Here, in the call's own thread: what takes long to find out must not hold up a batch."""
    for name, array in inputs.items():
        for contents in array.ravel() if array.dtype == object else ():
            if call.time_remaining() == 0:
                raise _expired()
            check_picture(contents, name)


def _expired() -> ServingError:
    return ServingError(grpc.StatusCode.DEADLINE_EXCEEDED, "Deadline Exceeded")


def _wait(future: concurrent.futures.Future, remaining: float | None) -> dict[str, np.ndarray]:
    try:
        return future.result(timeout=remaining)
    except concurrent.futures.TimeoutError:
        future.cancel()
        raise _expired() from None
    except concurrent.futures.CancelledError:
        raise ServingError(grpc.StatusCode.CANCELLED, "Cancelled") from None
