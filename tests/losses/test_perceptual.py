"""The content loss against the authors' numbers."""

from __future__ import annotations

import numpy as np
import tensorflow as tf

from spt_tf.losses.perceptual import content_loss
from spt_tf.networks.vgg import VggFeatures
from tests.formula_weights import formula_state_dict, set_convolution
from tests.golden_arrays import golden, in_unit_range


def test_content_term_is_the_authors():
    arrays, state = golden("style.npz"), formula_state_dict("vgg")
    network = VggFeatures()
    for layer, index in zip(network.layers, (0, 2, 5)):
        set_convolution(layer, state, f"features.{index}")
    out = content_loss(*(network(in_unit_range(arrays[name])) for name in ("fake_a", "real_a")))
    np.testing.assert_allclose(out, arrays["content_per_image"], rtol=1e-5)


def test_each_example_by_itself():
    first = tf.constant([1.0, 2.0])[:, tf.newaxis, tf.newaxis, tf.newaxis] * tf.ones([2, 2, 2, 4])
    np.testing.assert_allclose(content_loss(first, tf.zeros_like(first)), [1.0, 4.0])
