"""Networks as the configuration asks for them."""

from __future__ import annotations

import numpy as np
import pytest
import tensorflow as tf

from spt_tf.training.build import build_appearance_critic, build_pose_detector, build_stage_model
from tests.tiny import CANVAS, tiny_experiment, tiny_ladder


def test_every_seed_has_the_same_random_filters():
    images = np.random.default_rng(0).uniform(-1, 1, [1, *CANVAS, 3]).astype(np.float32)
    critics = [build_appearance_critic(tiny_experiment(seed=seed), "appearance") for seed in (0, 1)]
    np.testing.assert_array_equal(*(critic.features(images) for critic in critics))


@pytest.mark.parametrize("make", [tiny_experiment, tiny_ladder])
def test_variables_of_p_are_those_that_the_whole_canvas_makes(make):
    experiment = make()
    made_small = build_stage_model(experiment, "pose_detector").pose_detector.variables
    tf.keras.utils.set_random_seed(experiment.data.seed)
    whole = build_pose_detector(experiment)
    whole(tf.zeros([1, *experiment.canvas, 3]))
    assert len(made_small) == len(whole.variables)
    for one, other in zip(made_small, whole.variables):
        np.testing.assert_array_equal(one, other)


def test_what_is_read_from_a_checkpoint_does_not_change_how_the_other_networks_begin(tmp_path):
    experiment, prefix = tiny_experiment(), str(tmp_path / "networks")
    unread = build_stage_model(experiment, "appearance").networks()
    generator = unread["semantic_generator"]
    read = [variable.numpy() + 1.0 for variable in generator.variables]
    generator.set_weights(read)
    tf.train.Checkpoint(semantic_generator=generator).write(prefix)

    networks = build_stage_model(experiment, "appearance", {prefix: ["semantic_generator"]}).networks()
    for name, network in networks.items():
        expected = read if name == "semantic_generator" else unread[name].variables
        assert len(network.variables) == len(expected)
        for one, other in zip(network.variables, expected):
            np.testing.assert_array_equal(one, other, err_msg=f"{name} {one.name}")
