"""Lets grpcurl and the like ask the server what it speaks.

Reflection looks services up in protobuf's descriptor pool. The modules that would put TF Serving's two
services there (`prediction_service_pb2`, `model_service_pb2`) do not import with protobuf 4, so their
descriptors are written down here; the messages they name come from modules that do import.
"""

from __future__ import annotations

import grpc
from google.protobuf import descriptor_pb2, descriptor_pool
from grpc_health.v1 import health
from grpc_reflection.v1alpha import reflection
from tensorflow_serving.apis import (  # noqa: F401  (importing registers their messages)
    classification_pb2,
    get_model_metadata_pb2,
    get_model_status_pb2,
    inference_pb2,
    model_management_pb2,
    predict_pb2,
    regression_pb2,
)

PREDICTION_SERVICE = "tensorflow.serving.PredictionService"
MODEL_SERVICE = "tensorflow.serving.ModelService"

# File -> (service, method -> (request and response without their endings, file of the messages)).
_FILES = {
    "prediction_service": (
        "PredictionService",
        {
            "Classify": ("Classification", "classification"),
            "Regress": ("Regression", "regression"),
            "Predict": ("Predict", "predict"),
            "MultiInference": ("MultiInference", "inference"),
            "GetModelMetadata": ("GetModelMetadata", "get_model_metadata"),
        },
    ),
    "model_service": (
        "ModelService",
        {
            "GetModelStatus": ("GetModelStatus", "get_model_status"),
            "HandleReloadConfigRequest": ("ReloadConfig", "model_management"),
        },
    ),
}
_APIS = "tensorflow_serving/apis"


def enable_reflection(server: grpc.Server) -> None:
    """Adds the reflection service to a server."""
    _register_services()
    reflection.enable_server_reflection(
        (PREDICTION_SERVICE, MODEL_SERVICE, health.SERVICE_NAME, reflection.SERVICE_NAME), server
    )


def _register_services() -> None:
    pool = descriptor_pool.Default()
    for name, (service, methods) in _FILES.items():
        file = descriptor_pb2.FileDescriptorProto(
            name=f"{_APIS}/{name}.proto", package="tensorflow.serving", syntax="proto3"
        )
        file.options.cc_enable_arenas = True
        file.dependency.extend(sorted(f"{_APIS}/{messages}.proto" for _, messages in methods.values()))
        service_descriptor = file.service.add(name=service)
        for method, (stem, _) in methods.items():
            service_descriptor.method.add(
                name=method,
                input_type=f".tensorflow.serving.{stem}Request",
                output_type=f".tensorflow.serving.{stem}Response",
            )
        pool.AddSerializedFile(file.SerializeToString())  # the same file twice is fine
