"""How TensorFlow prepares a version's graph: what makes it run fast, without what only delays its start."""

from __future__ import annotations

import tensorflow as tf
from tensorflow.core.protobuf import rewriter_config_pb2

# In the order they run. TensorFlow's own choice runs more of them, twice, over the whole function library for
# each signature: measured, twice the time to load and warm up a version, and no image a second more.
_GRAPH_OPTIMIZERS = (
    "pruning",
    "function",
    "common_subgraph_elimination",
    "constfold",
    "arithmetic",
    "layout",
    "remap",
    "dependency",
)


def session_options() -> tf.compat.v1.ConfigProto:
    """The configuration of a serving session."""
    options = tf.compat.v1.ConfigProto()
    rewriting = options.graph_options.rewrite_options
    rewriting.optimizers.extend(_GRAPH_OPTIMIZERS)
    rewriting.meta_optimizer_iterations = rewriter_config_pb2.RewriterConfig.ONE
    return options
