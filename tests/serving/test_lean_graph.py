"""A SavedModel made lean answers as before, by any loader, with fewer operators."""

from __future__ import annotations

import contextlib

import numpy as np
import pytest
import tensorflow as tf
from tensorflow.core.protobuf import saved_model_pb2

from spt_tf.serving.embedded.servable import Servable
from spt_tf.serving.lean_graph import make_lean

NUMBERS = tf.TensorSpec([None, 4], tf.float32)


@tf.custom_gradient
def halved(x):
    return x / 2.0, lambda upstream: 10.0 * upstream


class Module(tf.Module):
    """Mentions one constant often, and has what follows from constants alone."""

    def __init__(self):
        super().__init__()
        self.weight = tf.Variable([1.0, -2.0, 3.0, 0.5])
        self._inner = tf.function(self._weighed)

    def _weighed(self, x):
        grid = tf.range(4.0) * 2.0 + tf.ones([4])
        # The constant goes to the smaller summand: the first sum has another shape then.
        rows = x[:, tf.newaxis] + x[:, tf.newaxis] * tf.reshape(tf.range(3.0), [3, 1]) + 0.5
        x = tf.reduce_mean(rows, axis=1)  # twice x, and 0.5
        return halved(tf.add_n([x * 3.0 for _ in range(8)]) * self.weight + grid)

    @tf.function(input_signature=[NUMBERS])
    def call(self, x):
        with tf.control_dependencies([tf.debugging.assert_non_negative(x, "below zero")]):
            return {"out": self._inner(x)}


def _operators(model_dir) -> list[str]:
    """Those of the signature and what it calls; the library holds other copies, for going on training."""
    saved = saved_model_pb2.SavedModel.FromString((model_dir / "saved_model.pb").read_bytes())
    meta_graph = saved.meta_graphs[0]
    bodies = {one.signature.name: one.node_def for one in meta_graph.graph_def.library.function}
    output = meta_graph.signature_def["call"].outputs["out"].name.partition(":")[0]
    nodes = [node for node in meta_graph.graph_def.node if node.name == output]
    for node in nodes:
        if node.op == "StatefulPartitionedCall":
            nodes.extend(bodies[node.attr["f"].func.name])
    return [node.op for node in nodes]


def test_a_lean_model_answers_as_before(tmp_path):
    module = Module()
    options = tf.saved_model.SaveOptions(experimental_custom_gradients=False)
    tf.saved_model.save(module, str(tmp_path), {"call": module.call}, options)
    before, x = _operators(tmp_path), np.random.default_rng(0).uniform(size=(3, 4)).astype(np.float32)
    expected = module.call(x)["out"].numpy()
    print_before = (tmp_path / "fingerprint.pb").read_bytes()
    make_lean(tmp_path)
    after = _operators(tmp_path)
    assert after.count("Mul") < before.count("Mul") and "Range" in before and "Range" not in after
    assert (tmp_path / "fingerprint.pb").read_bytes() != print_before
    with contextlib.closing(Servable(tmp_path)) as servable:
        np.testing.assert_array_equal(servable.run("call", {"x": x})["out"], expected)
    loaded = tf.saved_model.load(str(tmp_path))
    np.testing.assert_array_equal(loaded.signatures["call"](x=tf.constant(x))["out"], expected)
    with pytest.raises(LookupError, match="not to be differentiated"), tf.GradientTape() as tape:
        tape.gradient(loaded.call(tf.constant(x))["out"], loaded.weight)
    with np.testing.assert_raises_regex(tf.errors.InvalidArgumentError, "below zero"):
        loaded.call(-tf.ones([1, 4]))
