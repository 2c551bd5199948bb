"""Takes out of a SavedModel's functions what every server would take out at each start, for each signature.

As traced they hold a constant as often as it is mentioned, and all that follows from constants alone.
"""

from __future__ import annotations

from pathlib import Path

from tensorflow.core.framework import node_def_pb2
from tensorflow.core.protobuf import rewriter_config_pb2, saved_model_pb2
from tensorflow.python.grappler import tf_optimizer
from tensorflow.python.saved_model import fingerprinting_utils

from spt_tf.serving.embedded.session_options import optimized_once

# What holds on any device; a server, which knows its own, does the rest.
_GRAPH_OPTIMIZERS = ("common_subgraph_elimination", "constfold")


def make_lean(model_dir: str | Path) -> None:
    """Rewrites `saved_model.pb` of a SavedModel, and its fingerprint. Functions keep names and signatures.

    The model has been saved without custom gradients, which are tied to operators that are left out here; who
    asks for one is told that there is none.
    """
    path = Path(model_dir, "saved_model.pb")
    saved_model = saved_model_pb2.SavedModel.FromString(path.read_bytes())
    options = optimized_once(_GRAPH_OPTIMIZERS)
    # It would make functions of its own out of the branches of conditions.
    off = rewriter_config_pb2.RewriterConfig.OFF
    options.graph_options.rewrite_options.experimental_conditional_code_motion = off
    for meta_graph in saved_model.meta_graphs:
        optimized = tf_optimizer.OptimizeGraph(
            options, meta_graph, verbose=False, strip_default_attributes=True
        )
        lean = {function.signature.name: function for function in optimized.library.function}
        for function in meta_graph.graph_def.library.function:
            # not there: what nothing calls
            function.CopyFrom(lean.get(function.signature.name, function))
            for node in function.node_def:
                node.attr.pop("_output_shapes", None)  # it may now be of an operator with another result
                if "_gradient_op_type" in node.attr:
                    _prevent_gradient(node)
    path.write_bytes(saved_model.SerializeToString(deterministic=True))
    fingerprinting_utils.write_fingerprint(str(model_dir))


def _prevent_gradient(node: node_def_pb2.NodeDef) -> None:
    """Makes of the identity of (result, arguments...) that a custom gradient hangs on that of the result."""
    [first, *others] = node.input
    node.op = "PreventGradient"
    node.input[:] = [first, *(name for name in others if name.startswith("^"))]
    kind = node.attr["T"].list.type[0]
    node.attr.clear()
    node.attr["T"].type = kind
    node.attr["message"].s = b"an exported model is not to be differentiated"
