from __future__ import annotations

import numpy as np
import pytest
import tensorflow as tf

from spt_tf.losses.perceptual import content_loss
from spt_tf.networks.vgg import VggFeatures
from tests.formula_weights import formula_state_dict, set_convolution
from tests.shared_files import golden


def test_content_term_is_the_authors():
    arrays, state = golden("style_256.npz"), formula_state_dict("vgg")
    network = VggFeatures("random")
    for layer, index in zip(network.layers, (0, 2, 5)):
        set_convolution(layer, state, f"features.{index}")
    out = content_loss(network(arrays["fake_a"]), network(arrays["real_a"]))
    assert np.mean(out) == pytest.approx(float(arrays["content"]), rel=1e-4)


def test_each_example_by_itself():
    first = tf.constant([1.0, 2.0])[:, tf.newaxis, tf.newaxis, tf.newaxis] * tf.ones([2, 2, 2, 4])
    np.testing.assert_allclose(content_loss(first, tf.zeros_like(first)), [1.0, 4.0])
