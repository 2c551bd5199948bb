"""Where TensorFlow would run a graph's operators on a machine with a GPU, by its kernel registry alone.

The registry (`tensorflow.python.framework.kernels`) names for every operator and type the device of each
kernel and which of its arguments that kernel wants in host memory. TensorFlow sends an operator without a GPU
kernel to the CPU, and keeps int32 arithmetic in host memory even where a "GPU kernel" is registered; either
way a tensor crosses the bus and one side waits for the other.

The rule, for every operator of a function and of the functions it calls:
- it has a GPU kernel for its types, or its name stands in `HOST_OPERATORS`;
- every tensor that a GPU kernel takes from or puts into host memory has at most `SMALL` elements by its
  static shape. That is what shapes, axes and sizes are. A tensor of unknown size is not small, so functions
  are to be traced with a small batch of a known size;
- constants are exempt, for nothing is computed of them; so are strings, which no GPU knows, and loops that
  decode or encode pictures one by one.
"""

from __future__ import annotations

import collections
import functools
from collections.abc import Iterator
from typing import NamedTuple

import pytest
import tensorflow as tf
from tensorflow.core.framework import types_pb2
from tensorflow.python.framework import function_def_to_graph, kernels

SMALL = 16  # elements: two shapes of rank 8

CODERS = {"DecodeJpeg", "EncodePng"}
# Operators that belong on the host, and why.
HOST_OPERATORS = {
    "Assert": "its data is copied only where it fails",
    "TensorListFromTensor": "pictures on their way to be encoded",
    "TensorListStack": "pictures that were decoded",
}
# Not run as kernels: arguments, and calls of functions, into which the walk goes.
_STRUCTURE = {
    *("Placeholder", "_Arg", "_Retval", "PartitionedCall", "StatefulPartitionedCall"),
    *("If", "StatelessIf", "While", "StatelessWhile", "Case", "StatelessCase"),
}


class Misplaced(NamedTuple):
    """An operator that leaves the GPU: its name and types, its node's name, and what is wrong."""

    operator: str
    node: str
    fault: str

    def __str__(self) -> str:
        return f"{self.operator} at {self.node}: {self.fault}"


def misplaced_operators(function) -> list[Misplaced]:
    """All operators of a concrete function, and of those it calls, that break the rule."""
    return [
        Misplaced(f"{operation.type}({', '.join(_types(operation))})", operation.name, fault)
        for operation in all_operations(function)
        if (fault := _fault(operation))
    ]


def assert_stays_on_the_gpu(function) -> None:
    """Fails with the name, the node and the fault of every misplaced operator."""
    misplaced = misplaced_operators(function)
    assert not misplaced, "\n".join(map(str, misplaced))


def all_operations(function) -> Iterator[tf.Operation]:
    """The operations of a concrete function and of every function it calls."""
    library = {f.signature.name: f for f in function.graph.as_graph_def().library.function}
    waiting, known = collections.deque([function.graph]), set()
    while waiting:
        for operation in waiting.popleft().get_operations():
            yield operation
            for name in _called(operation):
                if name not in known:
                    known.add(name)
                    count = len(library[name].signature.input_arg)  # a condition's first input is no argument
                    shapes = [tensor.shape for tensor in operation.inputs][len(operation.inputs) - count :]
                    body = _body(library[name], shapes, function.graph)
                    if not CODERS & {inner.type for inner in body.get_operations()}:
                        waiting.append(body)


def _called(operation: tf.Operation) -> list[str]:
    values = operation.node_def.attr.values()
    return [f.name for value in values for f in [value.func, *value.list.func] if f.name]


def _body(definition, shapes: list[tf.TensorShape], library: tf.Graph) -> tf.Graph:
    with library.as_default():
        return function_def_to_graph.function_def_to_graph(definition, shapes)


def _fault(operation: tf.Operation) -> str | None:
    if operation.type in _STRUCTURE or operation.type in HOST_OPERATORS or operation.type == "Const":
        return None
    types = tuple(_types(operation, named=True))
    if any(kind.endswith("DT_STRING") for kind in types):
        return None
    has_kernel, host_arguments = _gpu_kernel(operation.type, types)
    if not has_kernel:
        return "no GPU kernel"
    definition, attributes = operation.op_def, operation.node_def.attr
    for arguments, tensors in (
        (definition.input_arg, operation.inputs),
        (definition.output_arg, operation.outputs),
    ):
        for name, tensor in zip(_names(arguments, attributes), tensors):
            if name in host_arguments and not _is_small(tensor):
                return f"{name} of shape {tensor.shape} in host memory"
    return None


@functools.cache
def _kernels(operator: str) -> list:
    return list(kernels.get_registered_kernels_for_op(operator).kernel)


@functools.cache
def _gpu_kernel(operator: str, types: tuple[str, ...]) -> tuple[bool, frozenset[str]]:
    """Whether there is a kernel for these types, "attribute=type", and what it wants in host memory."""
    for device in ("GPU", "DEFAULT"):  # the order in which TensorFlow looks
        for kernel in _kernels(operator):
            if kernel.device_type == device and not kernel.label and _fits(kernel, types):
                return True, frozenset(kernel.host_memory_arg)
    return False, frozenset()


def _fits(kernel, types: tuple[str, ...]) -> bool:
    return all(
        kind.split("=")[1] in {types_pb2.DataType.Name(t) for t in constraint.allowed_values.list.type}
        for constraint in kernel.constraint
        for kind in types
        if kind.startswith(f"{constraint.name}=")
    )


def _types(operation: tf.Operation, named: bool = False) -> list[str]:
    """The values of an operation's type attributes: "DT_INT32", or named, "T=DT_INT32"."""
    return [
        f"{name}={types_pb2.DataType.Name(kind)}" if named else types_pb2.DataType.Name(kind)
        for name, value in sorted(operation.node_def.attr.items())
        for kind in ([value.type] if value.type else value.list.type)
    ]


def _names(arguments, attributes) -> list[str]:
    """For each of an operation's tensors the name of the argument it belongs to."""
    names = []
    for argument in arguments:
        count = 1
        if argument.number_attr:
            count = attributes[argument.number_attr].i
        elif argument.type_list_attr:
            count = len(attributes[argument.type_list_attr].list.type)
        names += [argument.name] * count
    return names


def _is_small(tensor: tf.Tensor) -> bool:
    size = tensor.shape.num_elements()
    return tensor.dtype in (tf.string, tf.resource, tf.variant) or (size is not None and size <= SMALL)


needs_gpu_kernels = pytest.mark.skipif(
    all(kernel.device_type != "GPU" for kernel in _kernels("MatMul")),
    reason="this TensorFlow registers no GPU kernels: install the one for Linux on x86-64",
)
