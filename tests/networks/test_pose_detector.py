"""The pose detector against the authors' heatmaps; sizes and widths."""

from __future__ import annotations

import numpy as np
import pytest
import tensorflow as tf

from spt_tf.networks.pose_detector import PoseDetector
from tests.formula_weights import formula_state_dict, set_convolution
from tests.golden_arrays import golden


def test_heatmaps_are_the_authors():
    arrays, state = golden("pose_detector.npz"), formula_state_dict("pose_detector")
    network = PoseDetector()
    network(arrays["inputs"])
    outer = [network.first, *network.downs, *network.ups, network.last]
    for layer, index in zip(outer, (1, 4, 7, 19, 22, 26)):
        set_convolution(layer, state, f"model.{index}")
    for block, residual in enumerate(network.residuals, start=10):
        for layer, index in zip(residual.convolutions, (1, 5)):
            set_convolution(layer, state, f"model.{block}.conv_block.{index}")
    np.testing.assert_allclose(network(arrays["inputs"]), arrays["outputs"], atol=1e-4)


def test_width_and_blocks_scale_it():
    network = PoseDetector(width=0.125, blocks=2)
    assert network(tf.zeros([2, 32, 16, 3])).shape == (2, 32, 16, 18)
    assert len(network.residuals) == 2
    assert network.residuals[0].convolutions[0].filters == 32


@pytest.mark.parametrize("shape, message", [((1, 30, 16, 3), "multiples of 4"), ((1, 32, 16, 1), "3]")])
def test_images_that_do_not_fit_are_refused(shape, message):
    with pytest.raises(ValueError, match=message):
        PoseDetector(width=0.1, blocks=1)(tf.zeros(shape))
