"""What a step's graph holds: what the step runs, and nothing else. Making it is what a start takes."""

from __future__ import annotations

import collections

import pytest
import tensorflow as tf

from spt_tf.models.stage_model import StageModel
from spt_tf.training.build import build_stage_model
from spt_tf.training.optimizers import make_optimizers
from tests.tiny import random_batch, tiny_experiment


def _model(stage: str) -> StageModel:
    experiment = tiny_experiment(generator_levels=2)
    model = build_stage_model(experiment, stage)
    model.compile(make_optimizers(experiment.optimizer, stage, model.variable_groups()), clip_norm=1.0)
    return model


def _run(graph: tf.Graph) -> set[tf.Operation]:
    """The operators that the function's results and its changes of variables hang on."""
    run, waiting = set(), [*(tensor.op for tensor in graph.outputs), *graph.control_outputs]
    while waiting:
        operation = waiting.pop()
        if operation not in run:
            run.add(operation)
            waiting += [*(tensor.op for tensor in operation.inputs), *operation.control_inputs]
    return run


@pytest.mark.parametrize("stage", ["semantic", "appearance"])
def test_a_step_runs_what_was_traced(stage):
    """Not so with one tape for all groups, and every network on it."""
    model = _model(stage)
    graph = tf.function(model.train_step).get_concrete_function(random_batch()).graph
    run, made = _run(graph), graph.get_operations()
    idle = [operation for operation in made if operation not in run and operation.type != "Const"]
    kinds = collections.Counter(operation.type for operation in idle).most_common(10)
    assert len(idle) < 0.1 * len(made), kinds


def test_the_optimizers_work_out_a_step_s_numbers_once():
    model = _model("semantic")
    graph = tf.function(model.train_step).get_concrete_function(random_batch()).graph
    groups = model.variable_groups()
    updates = [operation for operation in graph.get_operations() if operation.type == "ResourceApplyAdam"]
    assert len(updates) == sum(map(len, groups.values()))
    for argument in range(3, 9):  # behind the variable and its two moments, before the gradient
        assert len({update.inputs[argument].name for update in updates}) == len(groups)


def test_nothing_is_looked_through_for_autograph(monkeypatch):
    model, seen = _model("pose_detector"), []
    losses = model.compute_stage_losses

    def watched(batch, dropout_seed):
        seen.append(tf.__internal__.autograph.control_status_ctx().status.name)
        return losses(batch, dropout_seed)

    monkeypatch.setattr(model, "compute_stage_losses", watched)
    model.fit(tf.data.Dataset.from_tensors(random_batch()), verbose=0)
    assert seen == ["DISABLED"]


def test_both_ways_between_two_poses_are_one_function():
    step = tf.function(_model("appearance").train_step)
    graph = step.get_concrete_function(random_batch()).graph.as_graph_def()
    nodes = [*graph.node, *(node for function in graph.library.function for node in function.node_def)]
    fits = [node for node in nodes if node.op == "SelfAdjointEigV2"]
    assert len(fits) == 2  # the torso's and the head's
