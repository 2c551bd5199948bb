"""The finder's network: its shapes on any canvas, and left and right."""

from __future__ import annotations

import numpy as np
import pytest
import tensorflow as tf

from spt_tf.networks.person_finder import Findings, joint_probabilities, mirrored_findings, person_finder


@pytest.fixture(scope="module")
def network():
    return person_finder(0.2)


@pytest.mark.parametrize("canvas", [(32, 16), (48, 64)])
def test_it_answers_at_the_size_of_any_image_whose_sides_are_multiples_of_16(network, canvas):
    found = Findings(*network(tf.zeros([2, *canvas, 3])))
    assert found.parsing.shape == (2, *canvas, 10)
    assert found.joints.shape == (2, *canvas, 18)
    assert found.presence.shape == (2, 18)


def test_every_weight_moves_something(network):
    image = tf.random.uniform([2, 32, 32, 3])
    with tf.GradientTape() as tape:
        total = tf.add_n([tf.reduce_sum(one**2) for one in network(image, training=True)])
    for variable, gradient in zip(
        network.trainable_variables, tape.gradient(total, network.trainable_variables)
    ):
        assert gradient is not None and tf.reduce_any(gradient != 0), variable.name


def test_xla_compiles_it_and_its_gradient(network):
    image = tf.random.uniform([1, 16, 16, 3])

    def gradient():
        with tf.GradientTape() as tape:
            total = tf.add_n([tf.reduce_sum(one**2) for one in network(image, training=True)])
        return tf.linalg.global_norm(tape.gradient(total, network.trainable_variables))

    compiled = tf.function(gradient, jit_compile=True)()
    np.testing.assert_allclose(compiled, tf.function(gradient)(), rtol=1e-3)


def test_presence_does_not_pull_at_places(network):
    """Whether a joint is there must not decide where it is looked for."""
    head = network.get_layer("joints")
    with tf.GradientTape() as tape:
        total = tf.reduce_sum(network(tf.random.uniform([1, 32, 32, 3]))[2])
    assert tape.gradient(total, head.kernel) is None


def test_a_probability_map_sums_to_one_each():
    probabilities = joint_probabilities(tf.random.normal([2, 6, 4, 18]))
    np.testing.assert_allclose(tf.reduce_sum(probabilities, axis=[1, 2]), np.ones([2, 18]), rtol=1e-5)


def test_what_is_found_in_a_mirror_image_is_mirrored_back():
    parsing, joints = np.zeros([1, 2, 4, 10], np.float32), np.zeros([1, 2, 4, 18], np.float32)
    presence = np.zeros([1, 18], np.float32)
    parsing[0, 1, 0, 6] = 5.0  # a left arm on the left edge of the mirror image
    joints[0, 0, 1, 4] = 7.0  # a right wrist
    presence[0, 4] = 3.0
    back = mirrored_findings(Findings(tf.constant(parsing), tf.constant(joints), tf.constant(presence)))
    assert back.parsing[0, 1, 3, 7] == 5.0
    assert back.joints[0, 0, 2, 7] == 7.0
    assert back.presence[0, 7] == 3.0
    assert sum(float(tf.reduce_sum(one)) for one in back) == 15.0
