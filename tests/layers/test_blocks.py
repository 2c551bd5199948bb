"""The blocks of the networks: sizes, borders, initial weights, dropout."""

from __future__ import annotations

import numpy as np
import pytest
import tensorflow as tf

from spt_tf.layers.blocks import (
    DownBlock,
    ResidualBlock,
    UpBlock,
    binomial_filter,
    convolution,
    reflect_pad,
    scaled,
)
from spt_tf.layers.dropout import DropoutSeed
from spt_tf.layers.normalization import InstanceNormalization


def test_blocks_halve_double_and_keep_the_size():
    features = tf.random.normal([2, 8, 4, 3])
    assert DownBlock(5)(features).shape == (2, 4, 2, 5)
    assert UpBlock(5)(features).shape == (2, 16, 8, 5)
    assert ResidualBlock(3)(features).shape == (2, 8, 4, 3)


def test_a_down_block_without_normalization_has_a_kernel_only():
    block = DownBlock(5, normalize=False)
    block(tf.zeros([1, 4, 4, 3]))
    assert [variable.shape.as_list() for variable in block.variables] == [[4, 4, 3, 5]]


def test_an_up_block_crops_the_transposed_convolution_evenly():
    block = UpBlock(1)
    pixel = tf.scatter_nd([[0, 1, 1, 0]], [1.0], [1, 3, 3, 1])
    block(pixel)
    kernel = np.arange(16, dtype=np.float32).reshape(4, 4)
    block.convolution.kernel.assign(kernel[..., None, None])
    # input pixel i covers 2i - 1 .. 2i + 2 of the cropped output
    expected = np.zeros([6, 6], np.float32)
    expected[1:5, 1:5] = kernel
    np.testing.assert_allclose(block.convolution(pixel)[0, ..., 0], expected)


def test_a_residual_block_adds_to_its_input():
    features = tf.random.normal([1, 4, 4, 2])
    block = ResidualBlock(2)
    block(features)
    for layer in block.convolutions:
        layer.kernel.assign(tf.zeros_like(layer.kernel))
    np.testing.assert_allclose(block(features), features)


def test_a_residual_block_is_its_layers_one_after_the_other():
    features = tf.random.stateless_normal([2, 16, 16, 128], seed=(1, 2))
    block, normalize = ResidualBlock(128), InstanceNormalization()
    block(features)
    for layer in block.convolutions:
        layer.bias.assign(tf.random.stateless_normal([128], seed=(3, 4)))
    first, second = block.convolutions
    inner = tf.nn.relu(normalize(first(reflect_pad(features, 1))))
    expected = features + normalize(second(reflect_pad(inner, 1)))
    for called in (block, tf.function(block)):
        np.testing.assert_allclose(called(features), expected, atol=1e-5)


def test_the_residual_blocks_of_a_step_are_traced_once():
    blocks = [ResidualBlock(4) for _ in range(3)]
    features = tf.random.normal([1, 4, 4, 4])
    for block in blocks:
        block(features)

    @tf.function
    def call(features):
        for block in blocks:
            features = block(features)
        return features

    kinds = [one.type for one in call.get_concrete_function(features).graph.get_operations()]
    assert kinds.count("PartitionedCall") == 3 and "Conv2D" not in kinds


def test_reflect_pad_mirrors_about_the_border_pixel():
    row = tf.constant([1.0, 2.0, 3.0])[tf.newaxis, tf.newaxis, :, tf.newaxis] * tf.ones([1, 3, 1, 1])
    assert reflect_pad(row, 2)[0, 0, :, 0].numpy().tolist() == [3, 2, 1, 2, 3, 2, 1]


def test_convolutions_start_from_a_normal_of_deviation_002():
    layer = convolution(64, 5)
    layer.build([None, 8, 8, 64])
    assert np.std(layer.kernel) == pytest.approx(0.02, rel=0.02)
    assert not np.any(layer.bias)


def test_scaled_rounds_and_never_reaches_zero():
    assert [scaled(64, width) for width in (1.0, 0.25, 0.33, 1e-3)] == [64, 16, 21, 1]


def test_an_up_block_drops_only_when_given_a_seed():
    block = UpBlock(32, dropout=0.5)
    features = tf.random.normal([1, 2, 2, 4])
    without = block(features)
    np.testing.assert_array_equal(without, block(features))
    assert np.mean(block(features, dropout_seed=DropoutSeed(1)) == 0) > 0.2
    assert not np.any(without == 0)


@pytest.mark.parametrize("upsampling", ["transposed", "filtered", "resize"])
def test_every_way_of_upsampling_doubles_the_map(upsampling):
    block = UpBlock(5, upsampling=upsampling)
    assert block(tf.random.normal([2, 4, 3, 3])).shape == (2, 8, 6, 5)


def test_only_a_bare_transposed_convolution_answers_a_flat_map_with_a_grid():
    flat = tf.ones([1, 8, 8, 3])
    spread = {}
    for upsampling in ("transposed", "filtered", "resize"):
        inner = UpBlock(6, upsampling=upsampling)._double(flat)[:, 4:-4, 4:-4].numpy()
        spread[upsampling] = np.std(inner, axis=(1, 2)).mean() / np.abs(inner).mean()
    assert spread["transposed"] > 0.2
    assert max(spread["filtered"], spread["resize"]) < 1e-5


def test_the_binomial_filter_passes_a_constant_and_stops_the_finest_wave():
    wave = tf.tile(tf.constant([[1.0, -1.0]]), [1, 3])[:, tf.newaxis, :, tf.newaxis] * tf.ones([1, 6, 1, 2])
    np.testing.assert_allclose(binomial_filter(wave)[:, :, 1:-1], 0, atol=1e-7)
    np.testing.assert_allclose(binomial_filter(tf.ones([1, 5, 4, 2])), 1, atol=1e-7)


def test_an_unknown_way_of_upsampling_is_refused():
    with pytest.raises(ValueError, match="upsampling must be one of"):
        UpBlock(5, upsampling="nearest")
