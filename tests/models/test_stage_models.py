"""What a train step moves, and that replicas, clipping and gradients do what they should."""

from __future__ import annotations

import contextlib
import functools

import numpy as np
import pytest
import tensorflow as tf

from spt_tf.config import STAGES
from spt_tf.training.build import build_stage_model
from spt_tf.training.optimizers import make_optimizer
from tests.eager import eagerly
from tests.tiny import random_batch, tiny_experiment, tiny_ladder

pytestmark = pytest.mark.slow

ALL_BUT_POSE = {
    "semantic_generator",
    "parsing_discriminator",
    "appearance_generator",
    "image_discriminator",
    "face_discriminator",
}
MOVED = {
    "pose_detector": {"pose_detector"},
    "semantic": {"semantic_generator", "parsing_discriminator"},
    "appearance": {"appearance_generator", "image_discriminator", "face_discriminator"},
    "enhancer": {
        "local_enhancer",
        "image_discriminator",
        "face_discriminator",
        "grown_face_discriminator",
    },
    "end_to_end": ALL_BUT_POSE,
}


def _weights(model):
    return {
        f"{name}/{i}": v.numpy()
        for name, network in model.networks().items()
        for i, v in enumerate(network.trainable_variables)
    }


def _moved(before, after):
    return {key.split("/")[0] for key in before if not np.array_equal(before[key], after[key])}


def _fit(
    stage,
    experiment,
    batch,
    steps=1,
    devices=("/cpu:0",),
    make=lambda: tf.keras.optimizers.SGD(0.01),
    clip_norm=0.0,
    eager=False,
    accumulate=1,
):
    """Weights before and after some steps on one batch, the model, and each step's losses."""
    strategy = tf.distribute.MirroredStrategy(
        list(devices), cross_device_ops=tf.distribute.ReductionToOneDevice()
    )
    with strategy.scope():
        model = build_stage_model(experiment, stage)
        model.compile({group: make() for group in model.variable_groups()}, clip_norm, accumulate=accumulate)
    before = _weights(model)
    dataset = tf.data.Dataset.from_tensor_slices(batch).batch(len(batch["source_keypoints"]))
    with eagerly() if eager else contextlib.nullcontext():
        logs = model.fit(dataset, epochs=steps, verbose=0).history
    return before, _weights(model), model, logs


def _experiment_and_batch(stage):
    if stage == "enhancer":
        experiment = tiny_ladder(dropout=0.5)
        return experiment, random_batch(4, canvas=experiment.canvas)
    return tiny_experiment(dropout=0.5), random_batch(4)


@functools.cache
def _one_replica(stage):
    return _fit(stage, *_experiment_and_batch(stage))


@pytest.mark.parametrize("stage", STAGES)
def test_a_step_moves_the_stage_s_networks_and_no_other(stage):
    before, after, model, logs = _one_replica(stage)
    assert _moved(before, after) == MOVED[stage]
    assert model.step.numpy() == 1
    assert all(np.isfinite(values[0]) for values in logs.values())


@pytest.mark.parametrize("stage", STAGES)
def test_one_replica_equals_two(stage):
    """SGD, because Adam hides a gradient that is twice too large. Large steps are compiled for one only."""
    before, one, _, one_logs = _one_replica(stage)
    large = stage not in ("pose_detector", "semantic")
    experiment, batch = _experiment_and_batch(stage)
    _, two, _, two_logs = _fit(stage, experiment, batch, devices=("/cpu:0", "/cpu:1"), eager=large)
    for key in one:
        np.testing.assert_allclose(two[key] - before[key], one[key] - before[key], atol=2e-6, rtol=1e-3)
    for term in one_logs:
        np.testing.assert_allclose(two_logs[term], one_logs[term], rtol=1e-4)


@pytest.mark.parametrize(
    ("stage", "parts", "devices", "eager"),
    [
        ("semantic", 2, ("/cpu:0",), False),
        ("semantic", 2, ("/cpu:0", "/cpu:1"), True),
        ("end_to_end", 4, ("/cpu:0",), True),
    ],
)
def test_a_batch_in_parts_equals_the_whole(stage, parts, devices, eager):
    experiment, batch = tiny_experiment(dropout=0.5, lambda_self=1.0), random_batch(4)
    before, whole, _, whole_logs = _fit(stage, experiment, batch, eager=eager)
    _, one_by_one, _, logs = _fit(stage, experiment, batch, devices=devices, eager=eager, accumulate=parts)
    assert _moved(before, whole) == MOVED[stage]
    for key in whole:
        np.testing.assert_allclose(
            one_by_one[key] - before[key], whole[key] - before[key], atol=2e-6, rtol=1e-3
        )
    assert logs.keys() == whole_logs.keys()
    for term in whole_logs:
        np.testing.assert_allclose(logs[term], whole_logs[term], rtol=1e-4)


def test_clipping_bounds_the_norm_of_what_an_optimizer_applies():
    before, after, _, logs = _fit(
        "semantic",
        tiny_experiment(),
        random_batch(),
        make=lambda: tf.keras.optimizers.SGD(1.0),
        clip_norm=1e-3,
    )
    moved = np.sqrt(sum(np.sum((after[k] - before[k]) ** 2) for k in before if k.startswith("semantic")))
    np.testing.assert_allclose(moved, 1e-3, rtol=1e-2)
    assert logs["grad_norm/generator"][0] > 1e-3 and logs["clipped/generator"] == [1.0]


def test_the_logged_norm_is_that_of_the_step_taken():
    """Of one replica's and of two's gradients: plain descent at rate 1 moves by the gradient."""
    for devices in (("/cpu:0",), ("/cpu:0", "/cpu:1")):
        before, after, _, logs = _fit(
            "semantic",
            tiny_experiment(),
            random_batch(),
            devices=devices,
            make=lambda: tf.keras.optimizers.SGD(1.0),
            clip_norm=1e6,
            eager=True,
        )
        for group, network in (
            ("generator", "semantic_generator"),
            ("discriminator", "parsing_discriminator"),
        ):
            moved = np.sqrt(sum(np.sum((after[k] - before[k]) ** 2) for k in before if network in k))
            np.testing.assert_allclose(logs[f"grad_norm/{group}"], [moved], rtol=1e-3)
            assert logs[f"clipped/{group}"] == [0.0]


def test_the_appearance_loss_reaches_the_semantic_generator_end_to_end():
    model = build_stage_model(tiny_experiment(lambda_ce=0.0), "end_to_end")
    with tf.GradientTape() as tape:
        losses = model.compute_stage_losses(random_batch(), None)
        appearance = losses.terms["pose"]
    gradients = tape.gradient(appearance, model.person.semantic_generator.trainable_variables)
    assert max(float(tf.reduce_max(tf.abs(g))) for g in gradients if g is not None) > 0


def test_the_returned_parsing_is_held_to_the_source_s_own():
    batch = random_batch()
    without, with_it = (
        build_stage_model(tiny_experiment(lambda_return=weight), "end_to_end").compute_stage_losses(
            batch, None
        )
        for weight in (0.0, 3.0)
    )
    returned = with_it.terms["return_cross_entropy"]
    assert np.all(returned > 0)
    np.testing.assert_allclose(
        with_it.objectives["generator"] - without.objectives["generator"], 3.0 * returned, rtol=1e-3
    )
    np.testing.assert_array_equal(with_it.objectives["discriminator"], without.objectives["discriminator"])


def test_a_stranger_s_pose_has_no_semantic_loss():
    batch = random_batch()
    model = build_stage_model(tiny_experiment(), "end_to_end")
    plain = model.compute_stage_losses(batch, None)
    mixed = model.compute_stage_losses({**batch, "is_candidate": tf.constant([True, False])}, None)
    for term in ("cross_entropy", "adversarial_S", "discriminator_S"):
        np.testing.assert_allclose(mixed.terms[term], plain.terms[term] * [1, 0], rtol=1e-6)
    np.testing.assert_allclose(mixed.terms["style"], plain.terms["style"], rtol=1e-6)
    assert mixed.objectives["generator"][1] < plain.objectives["generator"][1]


def test_people_without_any_joint_give_finite_losses():
    batch = random_batch()
    batch["source_keypoints"] = batch["target_keypoints"] = -tf.ones([2, 18, 2])
    model = build_stage_model(tiny_experiment(), "end_to_end")
    with tf.GradientTape() as tape:
        losses = model.compute_stage_losses(batch, None)
        total = tf.reduce_sum(losses.objectives["generator"])
    assert all(np.isfinite(value).all() for value in losses.terms.values())
    gradients = tape.gradient(total, model.variable_groups()["generator"])
    assert all(np.isfinite(g).all() for g in gradients if g is not None)


@pytest.mark.parametrize("precision", ["mixed_bfloat16", "mixed_float16"])
def test_mixed_precision_takes_a_step(precision):
    tf.keras.mixed_precision.set_global_policy(precision)
    try:
        options = tiny_experiment().optimizer
        before, after, _, logs = _fit(
            "appearance",
            tiny_experiment(),
            random_batch(),
            make=lambda: make_optimizer(options, "appearance", averaged=True),
            eager=True,
        )
    finally:
        tf.keras.mixed_precision.set_global_policy("float32")
    assert all(np.isfinite(values[-1]) for values in logs.values())
    assert precision == "mixed_float16" or "appearance_generator" in _moved(before, after)


def test_under_float16_the_norm_is_that_of_the_unscaled_gradient():
    norms = []
    for scale in (1.0, 1024.0):
        tf.keras.mixed_precision.set_global_policy("mixed_float16")
        try:
            *_, logs = _fit(
                "semantic",
                tiny_experiment(),
                random_batch(),
                make=lambda scale=scale: tf.keras.mixed_precision.LossScaleOptimizer(
                    tf.keras.optimizers.SGD(0.0), dynamic=False, initial_scale=scale
                ),
                eager=True,
            )
        finally:
            tf.keras.mixed_precision.set_global_policy("float32")
        norms.append(logs["grad_norm/discriminator"][0])
    np.testing.assert_allclose(norms[1], norms[0], rtol=0.05)
