"""The PatchGAN against the authors' logits; sizes and widths."""

from __future__ import annotations

import numpy as np
import pytest
import tensorflow as tf

from spt_tf.networks.patch_discriminator import PatchDiscriminator
from tests.formula_weights import formula_state_dict, set_convolution
from tests.golden_arrays import golden


def test_logits_are_the_authors():
    arrays, state = golden("discriminator.npz"), formula_state_dict("discriminator")
    network = PatchDiscriminator()
    network(arrays["inputs"])
    for layer, index in zip([*network.strided, network.unstrided, network.judge], (0, 2, 5, 8, 11)):
        set_convolution(layer, state, f"model.{index}")
    np.testing.assert_allclose(network(arrays["inputs"]), arrays["logits"], atol=1e-4)


@pytest.mark.parametrize("layers, patches", [(3, (6, 2)), (2, (14, 6))])
def test_size_of_the_answer(layers, patches):
    network = PatchDiscriminator(width=0.1, layers=layers)
    assert network(tf.zeros([2, 64, 32, 3])).shape == (2, *patches, 1)


def test_width_scales_the_filters():
    network = PatchDiscriminator(width=0.25)
    network(tf.zeros([1, 32, 32, 3]))
    assert [layer.filters for layer in network.strided] == [16, 32, 64]
    assert network.unstrided.filters == 128


@pytest.mark.parametrize("size, message", [((20, 32), "multiples of 8"), ((16, 32), "at least 24")])
def test_sizes_that_do_not_fit_are_refused(size, message):
    with pytest.raises(ValueError, match=message):
        PatchDiscriminator(width=0.1)(tf.zeros([1, *size, 3]))
