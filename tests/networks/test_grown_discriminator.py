"""The growing discriminator against the authors' logits, and its fade-in."""

from __future__ import annotations

import numpy as np
import pytest
import tensorflow as tf

from spt_tf.networks.grown_discriminator import GrownDiscriminator
from spt_tf.networks.patch_discriminator import PatchDiscriminator
from tests.formula_weights import formula_state_dict, set_convolution
from tests.golden_arrays import golden


@pytest.fixture
def grown():
    return GrownDiscriminator(PatchDiscriminator(width=0.1, layers=2))


@pytest.mark.parametrize("alpha", ["0", "0.5", "1"])
def test_logits_are_the_authors_at_every_fade_in(alpha):
    arrays, state = golden("discriminator_fadein.npz"), formula_state_dict("discriminator_fadein")
    network = GrownDiscriminator(PatchDiscriminator())
    network.alpha = lambda: tf.constant(float(alpha))
    network(arrays["inputs"])
    half = network.half_size
    set_convolution(network.first, state, "model_256.0")
    for layer, index in zip([*half.strided, half.unstrided, half.judge], (0, 2, 5, 8, 11)):
        set_convolution(layer, state, f"model.{index}")
    np.testing.assert_allclose(network(arrays["inputs"]), arrays[f"logits_alpha_{alpha}"], atol=1e-4)


def test_at_alpha_0_it_is_the_half_size_discriminator(grown):
    images = tf.random.normal([2, 32, 48, 3])
    grown.alpha = lambda: tf.constant(0.0)
    expected = grown(images), grown.half_size(tf.nn.avg_pool2d(images, 2, 2, "VALID"))
    np.testing.assert_allclose(*expected, atol=1e-6)
    grown.alpha = lambda: tf.constant(1.0)
    assert np.abs(grown(images) - expected[0]).max() > 1e-3


def test_at_alpha_1_the_new_layer_sees_the_whole_image(grown):
    images = tf.random.normal([2, 32, 48, 3])
    logits = grown(images)
    fine = tf.nn.leaky_relu(tf.nn.conv2d(images, grown.first.kernel, 2, "SAME") + grown.first.bias, 0.2)
    expected = grown.half_size.judge_features(tf.nn.avg_pool2d(fine, 2, 2, "VALID"))
    np.testing.assert_allclose(logits, expected, atol=1e-5)


def test_gradients_reach_the_new_layers_by_their_share(grown):
    images = tf.random.normal([2, 32, 32, 3])
    norms = []
    for alpha in (0.0, 0.5):
        grown.alpha = lambda share=alpha: tf.constant(share)
        with tf.GradientTape() as tape:
            logits = tf.reduce_sum(grown(images) ** 2)
        norms.append(float(tf.norm(tape.gradient(logits, grown.first.kernel))))
    assert norms[0] == 0 and norms[1] > 0
