"""Takes out of a SavedModel's functions what every server would take out at each start, for each signature.

As traced they hold a constant as often as it is mentioned, and all that follows from constants alone.
"""

from __future__ import annotations

from pathlib import Path

import tensorflow as tf
from tensorflow.core.protobuf import rewriter_config_pb2, saved_model_pb2
from tensorflow.python.grappler import tf_optimizer
from tensorflow.python.saved_model import fingerprinting_utils

# What holds on any device and for any use; a server does the rest. (Others leave out the identities that
# gradients of one's own hang on: who loads the model to differentiate it would get wrong ones.)
_GRAPH_OPTIMIZERS = ("common_subgraph_elimination", "constfold")


def make_lean(model_dir: str | Path) -> None:
    """Rewrites `saved_model.pb` of a SavedModel, and its fingerprint. Functions keep names and signatures."""
    path = Path(model_dir, "saved_model.pb")
    saved_model = saved_model_pb2.SavedModel.FromString(path.read_bytes())
    options = tf.compat.v1.ConfigProto()
    rewriting = options.graph_options.rewrite_options
    rewriting.optimizers.extend(_GRAPH_OPTIMIZERS)
    rewriting.meta_optimizer_iterations = rewriter_config_pb2.RewriterConfig.ONE
    # It would make functions of its own out of the branches of conditions.
    rewriting.experimental_conditional_code_motion = rewriter_config_pb2.RewriterConfig.OFF
    for meta_graph in saved_model.meta_graphs:
        optimized = tf_optimizer.OptimizeGraph(
            options, meta_graph, verbose=False, strip_default_attributes=True
        )
        lean = {function.signature.name: function for function in optimized.library.function}
        for function in meta_graph.graph_def.library.function:
            if function.signature.name in lean:  # not there: what only gradients call
                function.CopyFrom(lean[function.signature.name])
    path.write_bytes(saved_model.SerializeToString(deterministic=True))
    fingerprinting_utils.write_fingerprint(str(model_dir))
