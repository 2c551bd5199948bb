"""Which of a base path's versions a server should hold, by TF Serving's model configuration."""

from __future__ import annotations

import os
from pathlib import Path

from google.protobuf import text_format
from tensorflow_serving.config import model_server_config_pb2

from spt_tf.serving.embedded.errors import ServingError, invalid
from spt_tf.serving.embedded.version_directories import version_directories

_TYPE, _PLATFORM = "ModelServerConfig::model_type (deprecated)", "ModelServerConfig::model_platform"


def single_model(name: str, base_path: str) -> model_server_config_pb2.ModelServerConfig:
    """The configuration that `--model_name` and `--model_base_path` stand for."""
    config = model_server_config_pb2.ModelServerConfig()
    base_path = os.path.abspath(base_path)
    config.model_config_list.config.add(name=name, base_path=base_path, model_platform="tensorflow")
    return config


def read_config(path: str | os.PathLike) -> model_server_config_pb2.ModelServerConfig:
    """Reads TF Serving's models.config. Raises OSError, or ValueError naming the file that is wrong."""
    try:
        text = Path(path).read_text("utf-8")
        config = text_format.Parse(text, model_server_config_pb2.ModelServerConfig())
        check_config(config)
    except (text_format.ParseError, ValueError, RecursionError) as error:  # UnicodeDecodeError among them
        raise ValueError(f"{path}: {error}") from error
    except ServingError as error:
        raise ValueError(f"{path}: {error.message}") from error
    return config


def check_config(config: model_server_config_pb2.ModelServerConfig) -> dict:
    """Model name -> ModelConfig. Raises ServingError INVALID_ARGUMENT, as TF Serving does."""
    if config.WhichOneof("config") != "model_config_list":
        raise invalid(
            "ServerModelConfig type not supported by HandleReloadConfigRequest. "
            "Only ModelConfigList is currently supported"
        )
    models = {}
    for model in config.model_config_list.config:
        if not model.name:
            raise invalid("Every model needs a name")
        if model.name in models:
            raise invalid(f"Illegal to list model {model.name} multiple times in config list")
        if not os.path.isabs(model.base_path):
            raise invalid(
                f"Expected model {model.name} to have an absolute path or URI; "
                f"got base_path()={model.base_path}"
            )
        _check_platform(model)
        models[model.name] = model
    return models


def _check_platform(model: model_server_config_pb2.ModelConfig) -> None:
    if model.model_type and model.model_platform:
        raise invalid(f"Illegal setting both {_TYPE} and {_PLATFORM}.")
    if model.model_type == model_server_config_pb2.TENSORFLOW:
        return
    if model.model_type:
        raise invalid(f"ModelServerConfig::model_type choice {model.model_type} not supported.")
    if not model.model_platform:
        raise invalid(f"Illegal setting neither {_TYPE} nor {_PLATFORM}.")
    if model.model_platform != "tensorflow":
        raise invalid(f"Model {model.name} requests unsupported platform {model.model_platform}")


def aspired_versions(model: model_server_config_pb2.ModelConfig) -> dict[int, Path]:
    """The versions on disk that the model's policy asks for, and where: by default the latest one.

    Raises OSError where the base path cannot be read, which does not mean that its versions are gone.
    """
    found = version_directories(model.base_path)
    policy = model.model_version_policy
    choice = policy.WhichOneof("policy_choice")
    if choice == "all":
        return found
    if choice == "specific":
        wanted = set(policy.specific.versions)
    else:
        wanted = set(list(found)[-max(1, policy.latest.num_versions) :])
    return {number: path for number, path in found.items() if number in wanted}
