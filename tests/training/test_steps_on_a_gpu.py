"""Every stage's train step stays on a GPU: told from the kernel registry, without one.

Graphs are traced, at the smallest sizes that hold every operator, and nothing is run. The input pipeline
(`tf.data`) belongs on the host and is no part of this. The rule: `tests/gpu_placement.py`.
"""

from __future__ import annotations

import pytest
import tensorflow as tf

from spt_tf.config import ExperimentConfig
from spt_tf.training.build import build_stage_model
from spt_tf.training.optimizers import make_optimizers
from tests.gpu_placement import assert_stays_on_the_gpu, needs_gpu_kernels
from tests.tiny import random_batch, tiny_experiment, tiny_ladder

pytestmark = [needs_gpu_kernels, pytest.mark.slow]
SMALLEST = dict(generator_levels=2, vgg_width=0.05, joint_radius=0.5)
# dropout, average, clipping and decay, so that their operators are looked at too
PLAIN = tiny_experiment(**SMALLEST, dropout=0.5, average_decay=0.9, clip_norm=1.0, decay_from=0.5)
LADDER = tiny_ladder(**SMALLEST, dropout=0.5)
# with all that is ours
IMPROVED = tiny_ladder(
    **SMALLEST,
    **dict(
        upsampling="filtered",
        centred_warps=True,
        keep_background=True,
        paste_background=True,
        bounded_torso=True,
    ),
    **dict(
        match_style_areas=True,
        lambda_return=1.0,
        lambda_mirror=1.0,
        lambda_pixel=1.0,
        lambda_self=1.0,
        self_pairs="both",
    ),
)
BASELINE = tiny_experiment(**SMALLEST, semantics=False, style="patch")
SUPERVISED = tiny_experiment(**SMALLEST, semantics=False, paired=True)
# A ladder's semantic and appearance stages are the plain ones at half the size.
STEPS = {
    **{stage: (PLAIN, stage) for stage in PLAIN.stages},
    "enhancer": (LADDER, "enhancer"),
    "end_to_end with local enhancer": (IMPROVED, "end_to_end"),
    "baseline, patch style": (BASELINE, "appearance"),
    "supervised": (SUPERVISED, "appearance"),
}


@pytest.fixture(params=["float32", "mixed_float16"])
def precision(request):
    tf.keras.mixed_precision.set_global_policy(request.param)
    yield request.param
    tf.keras.mixed_precision.set_global_policy("float32")


def _train_step(experiment: ExperimentConfig, stage: str):
    model = build_stage_model(experiment, stage)
    model.compile(make_optimizers(experiment.optimizer, stage, model.variable_groups()))
    canvas = experiment.half_canvas if experiment.at_half_size(stage) else experiment.canvas
    step = tf.function(model.train_step, autograph=False)
    return step.get_concrete_function(random_batch(2, canvas=canvas))


@pytest.mark.parametrize(("experiment", "stage"), STEPS.values(), ids=STEPS)
def test_a_train_step_stays_on_the_gpu(experiment, stage, precision):
    assert_stays_on_the_gpu(_train_step(experiment, stage))
