"""Predict requests to arrays, refusing what TF Serving refuses, in its words where it has any."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

import grpc
import numpy as np
import tensorflow as tf
from tensorflow.core.framework import tensor_pb2
from tensorflow_serving.apis import predict_pb2

from spt_tf.serving.embedded.errors import ServingError, invalid
from spt_tf.serving.embedded.servable import InputSpec, Servable
from spt_tf.serving.embedded.tensor_messages import to_array

DEFAULT_SIGNATURE = "serving_default"


class ParsedRequest(NamedTuple):
    """A request that fits its signature: signature name, arrays by input name, outputs asked for."""

    signature: str
    inputs: dict[str, np.ndarray]
    outputs: tuple[str, ...]
    batch_size: int


def parse(request: predict_pb2.PredictRequest, servable: Servable, max_batch_size: int) -> ParsedRequest:
    """Checks a request against the model's signature. Raises ServingError."""
    name = request.model_spec.signature_name or DEFAULT_SIGNATURE
    if name not in servable.signatures:
        raise ServingError(grpc.StatusCode.FAILED_PRECONDITION, f'Serving signature key "{name}" not found.')
    signature = servable.signatures[name]
    _check_names(set(request.inputs), set(signature.inputs))
    outputs = _wanted_outputs(request.output_filter, signature.outputs)
    inputs = {
        alias: _to_array(request.inputs[alias], alias, spec, max_batch_size)
        for alias, spec in signature.inputs.items()
    }
    sizes = {alias: len(array) for alias, array in inputs.items()}
    if len(set(sizes.values())) != 1 or 0 in sizes.values():
        raise invalid(f"batch sizes must agree and be at least 1, got {sizes}")
    return ParsedRequest(name, inputs, outputs, next(iter(sizes.values())))


def _check_names(sent: set, expected: set) -> None:
    if sent != expected:
        raise invalid(
            f"input size does not match signature: {len(sent)}!={len(expected)} "
            f"len({{{','.join(sorted(sent))}}}) != len({{{','.join(sorted(expected))}}}). "
            f"Sent extra: {{{','.join(sorted(sent - expected))}}}. "
            f"Missing but required: {{{','.join(sorted(expected - sent))}}}."
        )


def _wanted_outputs(output_filter: Iterable[str], available: tuple[str, ...]) -> tuple[str, ...]:
    taken = set()
    for alias in output_filter:
        if alias not in available:
            raise invalid(
                f"output tensor alias not found in signature: {alias} "
                f"Outputs expected to be in the set {{{','.join(available)}}}."
            )
        if alias in taken:
            raise invalid(f"duplicate output tensor alias: {alias}")
        taken.add(alias)
    return tuple(output_filter) or available


def _to_array(proto: tensor_pb2.TensorProto, alias: str, spec: InputSpec, max_batch_size: int) -> np.ndarray:
    """Dtype and shape are compared before the values are touched, so a shape cannot ask for memory."""
    if proto.dtype != spec.dtype.as_datatype_enum:
        raise invalid(f"{alias}: expected dtype {spec.dtype.name}, got {_dtype_name(proto.dtype)}")
    shape = [dim.size for dim in proto.tensor_shape.dim]
    fits = len(shape) == len(spec.shape) and all(
        expected in (None, size) for size, expected in zip(shape, spec.shape)
    )
    if proto.tensor_shape.unknown_rank or not fits:
        raise invalid(f"{alias}: expected shape {_text(spec.shape)}, got {_text(shape)}")
    if shape[0] > max_batch_size:
        raise invalid(
            f"{alias}: Task size {shape[0]} is larger than maximum input batch size {max_batch_size}"
        )
    try:
        return to_array(proto)
    except (ValueError, TypeError, OverflowError) as error:
        raise invalid(f"tensor parsing error: {alias}") from error


def _dtype_name(number: int) -> str:
    try:
        return tf.as_dtype(number).name
    except TypeError:
        return f"number {number}"


def _text(shape: Iterable[int | None]) -> str:
    return f"[{','.join('?' if size is None else str(size) for size in shape)}]"
