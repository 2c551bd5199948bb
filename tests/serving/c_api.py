"""Asks a SavedModel's signatures in another process, through the C library (see `c_api_runner`)."""

from __future__ import annotations

import os
import pickle
import subprocess
import sys
from pathlib import Path

from tensorflow.core.framework import op_def_pb2
from tensorflow.core.protobuf import saved_model_pb2


def read_saved_model(model_dir: Path) -> saved_model_pb2.SavedModel:
    """saved_model.pb of a version directory."""
    return saved_model_pb2.SavedModel.FromString(Path(model_dir, "saved_model.pb").read_bytes())


def ask(model_dir: Path, requests: list, scratch: Path) -> tuple[list, set[str]]:
    """Answers to (signature, inputs by name), each outputs by name or (code, message); and the names of the
    operators that stock TensorFlow has."""
    signatures = read_saved_model(model_dir).meta_graphs[0].signature_def
    low_level = []
    for signature, inputs in requests:
        definition = signatures[signature]
        feeds = {definition.inputs[name].name: value for name, value in inputs.items()}
        low_level.append((feeds, [definition.outputs[name].name for name in sorted(definition.outputs)]))
    (scratch / "requests").write_bytes(pickle.dumps(low_level))
    runner = Path(__file__).with_name("c_api_runner.py")
    command = [sys.executable, runner, model_dir, scratch / "requests", scratch / "answers"]
    # Only the interpreter's own path: nothing of this project can be found from there.
    environment = {key: value for key, value in os.environ.items() if key != "PYTHONPATH"}
    done = subprocess.run(
        list(map(str, command)), cwd=scratch, env=environment, capture_output=True, text=True
    )
    assert done.returncode == 0, f"exit {done.returncode}: {done.stderr[-2000:]}"
    answers, operators = pickle.loads((scratch / "answers").read_bytes())
    named = [
        answer if isinstance(answer, tuple) else dict(zip(sorted(signatures[signature].outputs), answer))
        for (signature, _), answer in zip(requests, answers)
    ]
    return named, {operator.name for operator in op_def_pb2.OpList.FromString(operators).op}
