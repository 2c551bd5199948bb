"""TF Serving's ModelService: which versions are loaded, and changing the configuration."""

from __future__ import annotations

import logging

import grpc
from tensorflow_serving.apis import get_model_status_pb2, model_management_pb2, model_service_pb2_grpc

from spt_tf.serving.embedded.calls import Call
from spt_tf.serving.embedded.errors import ServingError, invalid
from spt_tf.serving.embedded.model_store import ModelStore

_MOST_LOGGED = 20  # models of one request


class ModelService(model_service_pb2_grpc.ModelServiceServicer):
    """Reports on and reconfigures `store`."""

    def __init__(self, store: ModelStore):
        self.store = store

    def GetModelStatus(
        self, request: get_model_status_pb2.GetModelStatusRequest, call: Call
    ) -> get_model_status_pb2.GetModelStatusResponse:
        """The state of one version, or of all that were ever tried, the newest first."""
        if not request.HasField("model_spec"):
            raise invalid("Missing ModelSpec")
        spec = request.model_spec
        states = self.store.states(spec.name)
        if spec.WhichOneof("version_choice") == "version":
            number = spec.version.value
            if number not in states:
                raise _not_found(f"Could not find version {number} of model {spec.name}")
            states = {number: states[number]}
        if not states:
            raise _not_found(f"Could not find any versions of model {spec.name}")
        response = get_model_status_pb2.GetModelStatusResponse()
        for number, version in sorted(states.items(), reverse=True):
            status = response.model_version_status.add(version=number, state=version.state).status
            status.error_code, status.error_message = version.error_code.value[0], version.error or ""
        return response

    def HandleReloadConfigRequest(
        self, request: model_management_pb2.ReloadConfigRequest, call: Call
    ) -> model_management_pb2.ReloadConfigResponse:
        """Serves the models of the new configuration, and only those, before it answers."""
        asked = request.config.model_config_list.config
        for model in asked[:_MOST_LOGGED]:
            # !r: what a caller sends must not look like lines of the log.
            logging.info("asked to serve %.200r from %.500r", model.name, model.base_path)
        if len(asked) > _MOST_LOGGED:
            logging.info("and %d more", len(asked) - _MOST_LOGGED)
        try:
            self.store.configure(request.config)
        except ServingError as error:
            logging.error("the new configuration is refused: %.1000r", error.message)
            raise
        response = model_management_pb2.ReloadConfigResponse()
        response.status.SetInParent()
        return response


def _not_found(message: str) -> ServingError:
    return ServingError(grpc.StatusCode.NOT_FOUND, message)
