"""What stages are said to compute, against the operators of their steps' own graphs."""

from __future__ import annotations

import numpy as np
import pytest
import tensorflow as tf

from spt_tf.config import ExperimentConfig
from spt_tf.models import conditioning
from spt_tf.training.build import build_stage_model
from spt_tf.training.estimates import seconds_a_step
from spt_tf.training.optimizers import make_optimizers
from spt_tf.training.stage_work import look_at_networks, work_of_a_step
from tests.tiny import random_batch, tiny_experiment, tiny_ladder

SIZES = dict(generator_levels=2, generator_width=0.1, vgg_width=0.05)  # no network outweighs the others
OURS = dict(lambda_return=1.0, lambda_mirror=1.0, lambda_self=1.0, upsampling="filtered")
CASES = {
    "on photographs": ("pose_detector", tiny_ladder()),
    "with ours": ("semantic", tiny_experiment(**SIZES, **OURS)),
    "at half the size": ("appearance", tiny_ladder(**SIZES)),
    "without semantics": ("appearance", tiny_experiment(**SIZES, semantics=False, style="mask")),
    "of pairs": ("appearance", tiny_experiment(**SIZES, semantics=False, paired=True)),
    "of pairs with semantics": ("appearance", tiny_experiment(**SIZES, **OURS, paired=True)),
    "fading in": ("enhancer", tiny_ladder(**SIZES)),
    "of everything": ("end_to_end", tiny_experiment(**SIZES, **OURS)),
}


def _multiplications_of_a_step(experiment: ExperimentConfig, stage: str) -> int:
    """Of the convolutions and their gradients in a step's graph, those that something comes of."""
    model = build_stage_model(experiment, stage)
    model.compile(make_optimizers(experiment.optimizer, stage, model.variable_groups()))
    batch = random_batch(experiment.optimizer.batch_size, canvas=experiment.canvas)
    if experiment.at_half_size(stage):
        batch = conditioning.half_batch(batch)
    step = tf.function(model.train_step).get_concrete_function(batch)
    waiting = [*(tensor.op for tensor in step.outputs), *step.graph.control_outputs]
    used: dict[str, tf.Operation] = {}
    while waiting:
        operator = waiting.pop()
        if operator.name not in used:
            used[operator.name] = operator
            waiting += [*(tensor.op for tensor in operator.inputs), *operator.control_inputs]
    return sum(map(_multiplications, used.values()))


def _multiplications(operator: tf.Operation) -> int:
    """A convolution's kernel at each place of the smaller of its maps, forward or back."""
    if operator.type == "Conv2D":
        kernel, places = operator.inputs[1], operator.outputs[0]
    elif operator.type == "Conv2DBackpropInput":  # a transposed convolution too
        kernel, places = operator.inputs[1], operator.inputs[2]
    elif operator.type == "Conv2DBackpropFilter":
        kernel, places = operator.outputs[0], operator.inputs[2]
    else:
        return 0
    return kernel.shape.num_elements() * int(np.prod(places.shape[:-1].as_list()))


@pytest.mark.slow
@pytest.mark.parametrize("stage, experiment", CASES.values(), ids=CASES)
def test_a_step_computes_what_its_graph_does(stage, experiment):
    """But for the gradients that first layers would hand on to pictures and maps, and do not: a tenth here.

    At half the size the head, too, is said to work at the full one: this small it weighs as much again.
    """
    said = work_of_a_step(experiment, stage, look_at_networks(experiment)).multiplications
    assert 1.0 <= said / _multiplications_of_a_step(experiment, stage) < 1.3


def test_a_guess_goes_by_batch_size_and_machine():
    experiment = tiny_experiment(generator_levels=2)
    larger = tiny_experiment(generator_levels=2, batch_size=8)
    networks = look_at_networks(experiment)
    for stage in experiment.stages:
        at_2 = seconds_a_step(experiment, stage, networks, 1e-9)
        at_8 = seconds_a_step(larger, stage, networks, 1e-9)
        assert at_2 < at_8 < 4 * at_2  # what operators take to be dispatched is the same
        per_image = at_8 - at_2
        slower = seconds_a_step(larger, stage, networks, 2e-9) - seconds_a_step(
            experiment, stage, networks, 2e-9
        )
        assert slower == pytest.approx(2 * per_image)
