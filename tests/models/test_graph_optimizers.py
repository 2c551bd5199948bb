"""Graphs go through few of TensorFlow's optimizers, once; what they compute is the same."""

from __future__ import annotations

import numpy as np
import pytest
import tensorflow as tf
from tensorflow.core.protobuf import config_pb2, rewriter_config_pb2
from tensorflow.python.eager import context

from spt_tf.models.graph_optimizers import optimized_lightly
from spt_tf.training.build import build_stage_model
from spt_tf.training.optimizers import make_optimizers
from tests.tiny import random_batch, tiny_experiment


def _asked_for() -> rewriter_config_pb2.RewriterConfig:
    """What a function that is called here would be prepared with."""
    options = config_pb2.ConfigProto()
    options.ParseFromString(context.context().function_call_options.config_proto_serialized)
    return options.graph_options.rewrite_options


def _few(asked_for: rewriter_config_pb2.RewriterConfig) -> bool:
    return (
        0 < len(asked_for.optimizers) < 6
        and asked_for.meta_optimizer_iterations == rewriter_config_pb2.RewriterConfig.ONE
    )


@pytest.fixture
def no_gpu(monkeypatch):
    monkeypatch.setattr(tf.config, "list_logical_devices", lambda kind=None: [])


def test_few_optimizers_for_the_call_and_for_no_other(no_gpu):
    seen = []

    def doubled(x):
        seen.append(_asked_for())
        return 2 * x

    assert optimized_lightly(doubled)(4) == 8
    assert _few(seen[0]) and not _few(_asked_for())


def test_an_error_leaves_no_options_behind(no_gpu):
    def fails():
        raise ValueError

    with pytest.raises(ValueError):
        optimized_lightly(fails)()
    assert not _few(_asked_for())


def test_a_gpu_has_its_graphs_as_tensorflow_makes_them(monkeypatch):
    monkeypatch.setattr(tf.config, "list_logical_devices", lambda kind=None: ["a GPU"])
    seen = []
    optimized_lightly(lambda: seen.append(_asked_for()))()
    assert not _few(seen[0])


def test_a_stage_is_ready_for_its_first_step_with_few_optimizers(no_gpu):
    experiment = tiny_experiment(generator_levels=2)
    model = build_stage_model(experiment, "pose_detector")
    model.compile(make_optimizers(experiment.optimizer, "pose_detector", model.variable_groups()))
    losses, seen = model.compute_stage_losses, []

    def watched(batch, dropout_seed):
        seen.append(_asked_for())
        return losses(batch, dropout_seed)

    model.compute_stage_losses = watched
    step = model.make_train_function()
    assert model.make_train_function() is step  # or every call of `fit` would trace anew
    logs = step(iter(tf.data.Dataset.from_tensors(random_batch())))
    assert _few(seen[0])
    assert all(np.isfinite(value) for value in logs.values())
