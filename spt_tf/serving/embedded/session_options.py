"""How TensorFlow prepares a version's graph: what makes it run fast, without what only delays its start."""

from __future__ import annotations

from collections.abc import Iterable

import tensorflow as tf
from tensorflow.core.protobuf import rewriter_config_pb2

# In the order they run. TensorFlow's own choice runs more of them, twice, over the whole function library for
# each signature: measured, over twice the time to load and warm up a version, and no image a second more.
# Constants are not folded: exports come with theirs folded (`lean_graph`), and it took a third of warming up.
_GRAPH_OPTIMIZERS = (
    "pruning",
    "function",
    "common_subgraph_elimination",
    "arithmetic",
    "layout",
    "remap",
    "dependency",
)
_FOR_GPUS_ALONE = {"layout"}  # channels first


def session_options() -> tf.compat.v1.ConfigProto:
    """The configuration of a serving session."""
    left_out = set() if tf.config.list_physical_devices("GPU") else _FOR_GPUS_ALONE
    return optimized_once(one for one in _GRAPH_OPTIMIZERS if one not in left_out)


def optimized_once(optimizers: Iterable[str]) -> tf.compat.v1.ConfigProto:
    """The configuration in which graphs go through these optimizers of TensorFlow's, each once."""
    options = tf.compat.v1.ConfigProto()
    rewriting = options.graph_options.rewrite_options
    rewriting.optimizers.extend(optimizers)
    rewriting.meta_optimizer_iterations = rewriter_config_pb2.RewriterConfig.ONE
    return options
