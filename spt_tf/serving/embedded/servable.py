"""One version of a model, loaded: a session and the signatures it answers.

A TF1 session, as in TF Serving, because closing it, and then `free_memory`, frees everything the version
held; what `tf.saved_model.load` leaves in the process-wide eager context would add up over version swaps.
"""

from __future__ import annotations

import math
import time
from pathlib import Path
from typing import Callable, NamedTuple

import numpy as np
import tensorflow as tf
from tensorflow.core.framework import graph_pb2, tensor_shape_pb2
from tensorflow.core.protobuf import meta_graph_pb2

from spt_tf.serving.embedded.errors import from_tensorflow
from spt_tf.serving.embedded.session_options import session_options

_LONGEST_MILLISECONDS = (1 << 31) - 1
_INIT_OP_SIGNATURE = "__saved_model_init_op"
_Call = Callable[..., list[np.ndarray]]


class InputSpec(NamedTuple):
    """What a signature says of an input: dtype, and shape with None for the batch."""

    dtype: tf.DType
    shape: tuple


class Signature(NamedTuple):
    """A callable signature: inputs by name, output names in the order `call` returns them."""

    inputs: dict[str, InputSpec]
    outputs: tuple[str, ...]
    call: _Call


class Servable:
    """Loads the SavedModel in `path`. Raises what TensorFlow raises where there is none."""

    def __init__(self, path: Path):
        self.path = Path(path)
        with tf.Graph().as_default() as graph:
            self._session = tf.compat.v1.Session(graph=graph, config=session_options())
            loader = tf.compat.v1.saved_model.loader
            self.meta_graph: meta_graph_pb2.MetaGraphDef = loader.load(
                self._session, [tf.saved_model.SERVING], str(path)
            )
        calls: dict[tuple, _Call] = {}
        self.signatures = {
            name: self._signature(definition, calls)
            for name, definition in self.meta_graph.signature_def.items()
            if name != _INIT_OP_SIGNATURE
        }

    def run(
        self, signature_name: str, inputs: dict[str, np.ndarray], deadline: float | None = None
    ) -> dict[str, np.ndarray]:
        """All outputs of a signature. Raises ServingError with the graph's own code and message.

        It is DEADLINE_EXCEEDED where `time.monotonic()` passes `deadline`: TensorFlow then starts no further
        operator.
        """
        signature = self.signatures[signature_name]
        options = tf.compat.v1.RunOptions()
        if deadline is not None:
            milliseconds = math.ceil((deadline - time.monotonic()) * 1000)
            options.timeout_in_ms = min(max(milliseconds, 1), _LONGEST_MILLISECONDS)
        try:
            outputs = signature.call(*(inputs[name] for name in signature.inputs), options=options)
        except tf.errors.OpError as error:
            raise from_tensorflow(error) from error
        return dict(zip(signature.outputs, outputs))

    def close(self) -> None:
        """Frees the session; `run` must not be called any more."""
        self._session.close()

    def _signature(self, definition: meta_graph_pb2.SignatureDef, calls: dict[tuple, _Call]) -> Signature:
        """calls: those that there are, by what they compute; preparing the graph for one more takes time."""
        inputs = {
            name: InputSpec(tf.as_dtype(info.dtype), _shape(info.tensor_shape))
            for name, info in sorted(definition.inputs.items())
        }
        feeds = [definition.inputs[name].name for name in inputs]
        outputs = tuple(sorted(definition.outputs))
        fetches = [definition.outputs[name].name for name in outputs]
        computed = _computed(self.meta_graph.graph_def, feeds, fetches)
        if computed not in calls:
            calls[computed] = self._session.make_callable(fetches, feeds)
        return Signature(inputs, outputs, calls[computed])


def _computed(graph: graph_pb2.GraphDef, feeds: list[str], fetches: list[str]) -> tuple:
    """Equal for two signatures that compute the same, such as a model's default and what it stands for.

    In a SavedModel each calls a function of its own, whose bodies are the same.
    """
    called = {fetch.partition(":")[0] for fetch in fetches}
    nodes = [node for node in graph.node if node.name in called]
    function = nodes[0].attr["f"].func.name if len(nodes) == 1 and "f" in nodes[0].attr else None
    body = next((one for one in graph.library.function if one.signature.name == function), None)
    if body is None:
        return (*feeds, None, *fetches)
    nameless = type(body).FromString(body.SerializeToString())
    nameless.signature.name = ""
    nameless.ClearField("arg_attr")  # numbers of the variables, as they were counted
    places = {feed.partition(":")[0]: place for place, feed in enumerate(feeds)}
    return (
        nameless.SerializeToString(deterministic=True),
        tuple(places.get(name, name) for name in nodes[0].input),
        tuple(fetch.partition(":")[2] for fetch in fetches),
    )


def _shape(proto: tensor_shape_pb2.TensorShapeProto) -> tuple[int | None, ...]:
    return tuple(None if dim.size < 0 else dim.size for dim in proto.dim)
