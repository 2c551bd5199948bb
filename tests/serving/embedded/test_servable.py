"""A servable prepares what its signatures compute, each thing once."""

from __future__ import annotations

import contextlib

import numpy as np
import tensorflow as tf

from spt_tf.serving.embedded.servable import Servable
from tests.serving.stand_in import random_inputs


def test_a_default_and_the_signature_it_stands_for_are_one(model_base_path):
    with contextlib.closing(Servable(model_base_path / "1")) as servable:
        calls = {name: signature.call for name, signature in servable.signatures.items()}
        assert calls["serving_default"] is calls["transfer_pose"]
        assert len({id(call) for call in calls.values()}) == len(calls) - 1
        one, other = (servable.run(name, random_inputs(2)) for name in ("serving_default", "transfer_pose"))
    assert one.keys() == other.keys() == {"image", "parsing"}
    for name in one:
        np.testing.assert_array_equal(one[name], other[name])


def test_what_takes_and_gives_the_same_but_computes_something_else_is_not(tmp_path):
    numbers = tf.TensorSpec([None], tf.float32)

    class Module(tf.Module):
        @tf.function(input_signature=[numbers, numbers])
        def minus(self, a, b):
            return {"first": a - b, "second": b - a}

        @tf.function(input_signature=[numbers, numbers])
        def swapped_arguments(self, b, a):
            return self.minus(b, a)

        @tf.function(input_signature=[numbers, numbers])
        def swapped_results(self, a, b):
            made = self.minus(a, b)
            return {"first": made["second"], "second": made["first"]}

    module = Module()
    names = ("minus", "swapped_arguments", "swapped_results")
    signatures = {name: getattr(module, name) for name in names}
    tf.saved_model.save(module, str(tmp_path), {**signatures, "serving_default": module.minus})
    inputs = {"a": np.array([5.0], np.float32), "b": np.array([3.0], np.float32)}
    with contextlib.closing(Servable(tmp_path)) as servable:
        made = {name: servable.run(name, inputs) for name in signatures}
        assert servable.signatures["serving_default"].call is servable.signatures["minus"].call
    assert {name: (float(one["first"][0]), float(one["second"][0])) for name, one in made.items()} == {
        "minus": (2.0, -2.0),
        "swapped_arguments": (-2.0, 2.0),
        "swapped_results": (-2.0, 2.0),
    }
