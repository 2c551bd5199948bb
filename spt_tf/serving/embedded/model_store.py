"""The models a server holds: follows their version directories and hands versions out to requests."""

from __future__ import annotations

import contextlib
import logging
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Callable

import grpc
from tensorflow_serving.apis import model_pb2
from tensorflow_serving.config import model_server_config_pb2

from spt_tf.serving.embedded.batching import BatchingOptions
from spt_tf.serving.embedded.errors import ServingError, invalid
from spt_tf.serving.embedded.loaded_version import LoadedVersion, State
from spt_tf.serving.embedded.version_policy import aspired_versions, check_config

RETRY_SECONDS = 60.0  # between attempts at a version that did not load


class ModelStore:
    """Loads, swaps and unloads versions so that a model once available stays available.

    Args:
        options: of every version's batches.
        observe_batch: called with the size of each batch that ran.
        allow_early_labels: whether a label that points nowhere yet may point to a version not available.
    """

    def __init__(
        self,
        options: BatchingOptions,
        observe_batch: Callable[[int], None] = lambda size: None,
        allow_early_labels: bool = False,
    ):
        self.options = options
        self._observe_batch, self._allow_early_labels = observe_batch, allow_early_labels
        self._models: dict = {}
        self._labels: dict[str, dict[str, int]] = {}
        self._versions: dict[str, dict[int, LoadedVersion]] = {}
        self._lock = threading.Lock()  # guards the dicts
        self._configuring = threading.Lock()  # one configuration at a time
        self._updating = threading.Lock()  # one poll at a time
        self._stopping = threading.Event()

    def configure(self, config: model_server_config_pb2.ModelServerConfig) -> None:
        """Serves exactly the models of `config`, loaded on return. Raises ServingError.

        Where a base path is not there, which is an error, what the model has loaded stays.
        """
        models = check_config(config)
        labels = {name: dict(model.version_labels) for name, model in models.items()}
        with self._configuring:
            self._check_labels(labels)
            with self._lock:
                self._models, self._labels = models, labels
            unreadable = self.poll()
        missing = [name for name in models if name in unreadable or not self._available(name)]
        if missing:
            reasons = "".join(f"; {reason}" for reason in unreadable.values())
            raise ServingError(
                grpc.StatusCode.UNKNOWN,
                f"{len(missing)} model(s) did not become available: {{{', '.join(missing)}}}{reasons}",
            )

    def poll(self) -> dict[str, str]:
        """Looks at the disk once: loads what is new, then retires what is no longer asked for.

        Returns why a model's base path could not be read, by the model's name; its versions stay.
        """
        unreadable = {}
        with self._updating:
            with self._lock:
                models = dict(self._models)
            for name, model in models.items():
                try:
                    aspired = aspired_versions(model)
                except OSError as error:  # of the moment perhaps
                    unreadable[name] = f"Could not find base path {model.base_path} for servable {name}"
                    logging.warning("%s: %s", unreadable[name], error)
                    continue
                self._update(name, aspired)
            for name in [name for name in self._versions if name not in models]:
                self._retire(name, keep=set())
        return unreadable

    def stop_loading(self) -> None:
        """Loads nothing more; what loads now gives up after the step it is in."""
        self._stopping.set()

    def run_at_once(self) -> None:
        """No batch waits to fill any more: nobody new will come."""
        with self._lock:
            versions = [version for model in self._versions.values() for version in model.values()]
        for version in versions:
            version.run_at_once()

    def close(self) -> None:
        """Retires everything."""
        with self._updating:
            for name in list(self._versions):
                self._retire(name, keep=set())

    def ready(self) -> bool:
        """Whether every configured model has a version to serve."""
        with self._lock:
            names = list(self._models)
        return bool(names) and all(self._available(name) for name in names)

    def states(self, name: str) -> dict[int, LoadedVersion]:
        """Every version of a model that was ever tried, by number."""
        with self._lock:
            return dict(sorted(self._versions.get(name, {}).items()))

    @contextlib.contextmanager
    def use(self, spec: model_pb2.ModelSpec) -> Iterator[LoadedVersion]:
        """The version a request asks for, kept loaded inside the block. Raises ServingError."""
        version = self._acquire(spec)
        try:
            yield version
        finally:
            version.release()

    def _acquire(self, spec: model_pb2.ModelSpec) -> LoadedVersion:
        if not spec.name:
            raise invalid("ModelSpec has no name specified.")
        choice = spec.WhichOneof("version_choice")
        wanted = spec.version.value if choice == "version" else None
        if choice == "version_label":
            with self._lock:
                labels = self._labels.get(spec.name, {})
                if spec.version_label not in labels:
                    raise invalid(f"Unrecognized servable version label: {spec.version_label}")
                wanted = labels[spec.version_label]
        for version in reversed(list(self.states(spec.name).values())):
            if wanted in (None, version.version) and version.acquire():
                return version
        request = f"Latest({spec.name})" if wanted is None else f"Specific({spec.name}, {wanted})"
        raise ServingError(grpc.StatusCode.NOT_FOUND, f"Servable not found for request: {request}")

    def _check_labels(self, labels: dict[str, dict[str, int]]) -> None:
        for name, versions in labels.items():
            for label, version in versions.items():
                moves = self._labels.get(name, {}).get(label, version) != version
                if version not in self._available(name) and (moves or not self._allow_early_labels):
                    raise ServingError(
                        grpc.StatusCode.FAILED_PRECONDITION,
                        f"Request to assign label to version {version} of model {name}, "
                        "which is not currently available for inference",
                    )

    def _available(self, name: str) -> set[int]:
        return {number for number, version in self.states(name).items() if version.state == State.AVAILABLE}

    def _update(self, name: str, aspired: dict[int, Path]) -> None:
        for number in sorted(set(aspired) - self._available(name)):
            if not self._failed_lately(name, number) and not self._stopping.is_set():
                self._load(name, number, aspired[number])
        # The old version goes only once a new one is there, unless nothing is asked for any more.
        if not aspired or set(aspired) & self._available(name):
            self._retire(name, keep=set(aspired))

    def _failed_lately(self, name: str, number: int) -> bool:
        version = self.states(name).get(number)
        failed_at = version.failed_at if version else None
        return failed_at is not None and time.monotonic() - failed_at < RETRY_SECONDS

    def _load(self, name: str, number: int, path: Path) -> None:
        version = LoadedVersion(name, number)
        with self._lock:
            self._versions.setdefault(name, {})[number] = version
        logging.info("%s version %d is loaded from %s", name, number, path)
        version.load(path, self.options, self._observe_batch, self._stopping.is_set)
        if version.error:
            logging.error("%s version %d did not load: %s", name, number, version.error)
        else:
            logging.info("%s version %d is available", name, number)

    def _retire(self, name: str, keep: set[int]) -> None:
        for number, version in self.states(name).items():
            if number not in keep and version.state == State.AVAILABLE:
                version.retire()
                logging.info("%s version %d is retired", name, number)
