"""What TensorFlow's graph optimizers do to a function before its first run: what pays for itself, once."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

import tensorflow as tf
from tensorflow.core.protobuf import rewriter_config_pb2
from tensorflow.python.eager import context

# In the order they run. TensorFlow's own choice runs eleven of them, and most of those twice: measured, it is
# three times as long before the first step, and no step the faster.
_PASSES = ("pruning", "common_subgraph_elimination", "arithmetic", "dependency")


def optimized_lightly(function: Callable[..., Any]) -> Callable[..., Any]:
    """A `tf.function` whose graph goes through few optimizers, each once.

    Where there is a GPU TensorFlow's own choice stays: it lays out pictures as the GPU reads them.
    """

    def call(*args: Any, **kwargs: Any) -> Any:
        if tf.config.list_logical_devices("GPU"):
            return function(*args, **kwargs)
        here = context.context()
        before = here.function_call_options
        here.function_call_options = _few_passes()
        try:
            return function(*args, **kwargs)
        finally:
            here.function_call_options = before

    return call


@functools.cache
def _few_passes() -> context.FunctionCallOptions:
    """TensorFlow knows a prepared function again by these options: they are the same at every call."""
    options = tf.compat.v1.ConfigProto()
    options.CopyFrom(context.context().config)
    options.allow_soft_placement = True  # as TensorFlow's own of functions
    rewriting = options.graph_options.rewrite_options
    rewriting.optimizers.extend(_PASSES)
    rewriting.meta_optimizer_iterations = rewriter_config_pb2.RewriterConfig.ONE
    return context.FunctionCallOptions(config_proto=options)
