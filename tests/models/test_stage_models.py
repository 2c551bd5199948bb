"""What a train step moves, and that replicas, clipping and gradients do what they should."""

import numpy as np
import pytest
import tensorflow as tf

from spt_tf.config import STAGES
from spt_tf.training.build import build_stage_model
from spt_tf.training.optimizers import make_optimizer
from tests.tiny import random_batch, tiny_experiment


def _compiled(stage, experiment, optimizer=None):
    model = build_stage_model(experiment, stage)
    model.compile(
        {
            group: tf.keras.optimizers.SGD(0.01)
            if optimizer is None
            else make_optimizer(experiment.optimizer, stage, averaged=False)
            for group in model.variable_groups()
        }
    )
    return model


def _weights(model):
    return {
        f"{name}/{i}": v.numpy()
        for name, network in model.networks().items()
        for i, v in enumerate(network.trainable_variables)
    }


def _moved(before, after):
    return {key.split("/")[0] for key in before if not np.array_equal(before[key], after[key])}


@pytest.mark.parametrize(
    ("stage", "networks"),
    [
        ("pose_detector", {"pose_detector"}),
        ("semantic", {"semantic_generator", "parsing_discriminator"}),
        ("appearance", {"appearance_generator", "image_discriminator", "face_discriminator"}),
        (
            "end_to_end",
            {
                "semantic_generator",
                "parsing_discriminator",
                "appearance_generator",
                "image_discriminator",
                "face_discriminator",
            },
        ),
    ],
)
def test_a_step_moves_the_stage_s_networks_and_no_other(stage, networks):
    model = _compiled(stage, tiny_experiment())
    before = _weights(model)
    logs = model.fit(tf.data.Dataset.from_tensors(random_batch()), verbose=0).history
    assert _moved(before, _weights(model)) == networks
    assert int(model.step) == 1
    assert all(np.isfinite(values[0]) for values in logs.values())


@pytest.mark.parametrize("stage", STAGES)
def test_one_replica_equals_two(stage):
    experiment = tiny_experiment()
    batch = random_batch(4)
    results = []
    for devices in (["/cpu:0"], ["/cpu:0", "/cpu:1"]):
        strategy = tf.distribute.MirroredStrategy(
            devices, cross_device_ops=tf.distribute.ReductionToOneDevice()
        )
        with strategy.scope():
            model = _compiled(stage, experiment)
        before = _weights(model)
        dataset = tf.data.Dataset.from_tensor_slices(batch).batch(4)
        logs = model.fit(dataset, verbose=0).history
        results.append((before, _weights(model), logs))
    (before, one, one_logs), (_, two, two_logs) = results
    assert _moved(before, one)
    for key in one:
        np.testing.assert_allclose(two[key] - before[key], one[key] - before[key], atol=2e-6, rtol=1e-3)
    for term in one_logs:
        np.testing.assert_allclose(two_logs[term], one_logs[term], rtol=1e-4)


def test_clipping_bounds_the_norm_of_what_an_optimizer_applies():
    experiment = tiny_experiment(clip_norm=1e-3)
    model = build_stage_model(experiment, "semantic")
    model.compile({g: tf.keras.optimizers.SGD(1.0, global_clipnorm=1e-3) for g in model.variable_groups()})
    before = _weights(model)
    model.train_on_batch(random_batch())
    after = _weights(model)
    moved = np.sqrt(sum(np.sum((after[k] - before[k]) ** 2) for k in before if k.startswith("semantic")))
    np.testing.assert_allclose(moved, 1e-3, rtol=1e-3)
    assert make_optimizer(experiment.optimizer, "semantic", averaged=False).global_clipnorm == 1e-3


def test_the_appearance_loss_reaches_the_semantic_generator_end_to_end():
    model = build_stage_model(tiny_experiment(lambda_ce=0.0), "end_to_end")
    with tf.GradientTape() as tape:
        losses = model.compute_stage_losses(random_batch(), None)
        appearance = losses.terms["style"] + losses.terms["pose"]
    gradients = tape.gradient(appearance, model.person.semantic_generator.trainable_variables)
    assert max(float(tf.reduce_max(tf.abs(g))) for g in gradients if g is not None) > 0


def test_people_without_any_joint_give_finite_losses():
    batch = random_batch()
    batch["source_keypoints"] = batch["target_keypoints"] = -tf.ones([2, 18, 2])
    model = _compiled("end_to_end", tiny_experiment())
    logs = model.train_on_batch(batch, return_dict=True)
    assert all(np.isfinite(value) for value in logs.values())
    assert all(np.isfinite(value).all() for value in _weights(model).values())


def test_dropout_is_a_function_of_the_step():
    experiment = tiny_experiment(dropout=0.5, generator_levels=4)
    first, second = (_compiled("semantic", experiment) for _ in range(2))
    logs = [[m.train_on_batch(random_batch(), return_dict=True) for _ in range(2)] for m in (first, second)]
    assert logs[0] == logs[1]


@pytest.mark.parametrize("precision", ["mixed_bfloat16", "mixed_float16"])
def test_mixed_precision_takes_a_step(precision):
    tf.keras.mixed_precision.set_global_policy(precision)
    try:
        experiment = tiny_experiment()
        model = _compiled("end_to_end", experiment, optimizer="adam")
        before = _weights(model)
        logs = model.train_on_batch(random_batch(), return_dict=True)
    finally:
        tf.keras.mixed_precision.set_global_policy("float32")
    assert all(np.isfinite(value) for value in logs.values())
    assert "appearance_generator" in _moved(before, _weights(model))
