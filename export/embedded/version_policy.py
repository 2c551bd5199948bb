"""Which of a base path's versions a server should hold, by TF Serving's model configuration."""

from __future__ import annotations

from pathlib import Path

from tensorflow_serving.config import model_server_config_pb2

from export.embedded.errors import invalid


def single_model(name: str, base_path: str) -> model_server_config_pb2.ModelServerConfig:
    """The configuration that `--model_name` and `--model_base_path` stand for."""
    config = model_server_config_pb2.ModelServerConfig()
    config.model_config_list.config.add(name=name, base_path=base_path, model_platform="tensorflow")
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
        if not model.name or not model.base_path:
            raise invalid("Every model needs a name and a base_path")
        if model.model_platform != "tensorflow":
            raise invalid(f'model "{model.name}": expected model_platform "tensorflow"')
        if model.name in models:
            raise invalid(f"Duplicate model name: {model.name}")
        models[model.name] = model
    return models


def aspired_versions(model: model_server_config_pb2.ModelConfig) -> set[int]:
    """The versions on disk that the model's policy asks for: by default the latest one."""
    base_path = Path(model.base_path)
    found = []
    if base_path.is_dir():
        found = sorted(
            int(path.name) for path in base_path.iterdir() if path.name.isdecimal() and path.is_dir()
        )
    policy = model.model_version_policy
    choice = policy.WhichOneof("policy_choice")
    if choice == "all":
        return set(found)
    if choice == "specific":
        return set(found) & set(policy.specific.versions)
    return set(found[-max(1, policy.latest.num_versions) :])
