"""Keras's convolutions with faster forms: which layers take them, and that nothing but speed changes."""

from __future__ import annotations

import functools

import numpy as np
import pytest
import tensorflow as tf

from spt_tf.layers import convolutions, fast_convolutions
from spt_tf.layers.convolutions import Convolution, Doubling, hold_kernels


@pytest.mark.parametrize(
    "make, base, shape, taken",
    [
        (lambda **k: Convolution(128, 3, **k), tf.keras.layers.Conv2D, (2, 18, 17, 128), "unstrided"),
        (lambda **k: Convolution(128, 4, **k), tf.keras.layers.Conv2D, (1, 18, 18, 128), "unstrided"),
        (
            lambda **k: Convolution(256, 4, strides=2, padding="same", **k),
            tf.keras.layers.Conv2D,
            (1, 64, 66, 64),
            "halving",
        ),
        (lambda **k: Doubling(64, **k), tf.keras.layers.Conv2DTranspose, (1, 32, 34, 128), "doubling"),
    ],
)
def test_a_large_layer_is_keras_own_but_for_the_way(make, base, shape, taken, monkeypatch):
    features = tf.constant(np.random.default_rng(0).normal(size=shape), tf.float32)
    layer, calls = make(), []
    through = getattr(fast_convolutions, taken)

    def counted(*given: object) -> tf.Tensor:
        calls.append(given)
        return through(*given)

    monkeypatch.setattr(fast_convolutions, taken, counted)
    result = layer(features)
    assert len(calls) == 1
    if layer.use_bias:
        layer.bias.assign(tf.range(layer.filters, dtype=tf.float32))
        result = layer(features)
    config = layer.get_config()
    if base is tf.keras.layers.Conv2DTranspose:
        config |= {"kernel_size": 4, "strides": 2, "padding": "same", "use_bias": False}
    keras = base.from_config(config)
    keras.build(features.shape)
    keras.set_weights(layer.get_weights())
    np.testing.assert_allclose(result, keras(features), rtol=1e-4, atol=1e-4)
    with monkeypatch.context() as patch:
        gpu = tf.config.LogicalDevice("/device:GPU:0", "GPU")
        patch.setattr(tf.config, "list_logical_devices", lambda: [gpu])
        calls.clear()
        np.testing.assert_array_equal(layer(features), keras(features))
        assert not calls


@pytest.mark.parametrize(
    "make, built_with, step",
    [
        (lambda **k: Convolution(64, 3, **k), (1, 4, 4, 32), None),
        (lambda **k: Convolution(128, 4, strides=2, padding="same", **k), (1, 16, 16, 64), 3),
        (lambda **k: Convolution(64, 4, strides=2, padding="same", **k), (1, 16, 16, 64), None),
        (Doubling, (1, 8, 8, 128), 3),
        (Doubling, (1, 8, 8, 64), None),
    ],
)
def test_a_held_kernel_is_ready_for_use_in_its_type(make, built_with, step, monkeypatch):
    make = functools.partial(make, 64) if make is Doubling else make
    rng, (_, side, _, channels) = np.random.default_rng(0), built_with
    features = tf.constant(rng.normal(size=(2, 4 * side, 4 * side, channels)), tf.float32)
    tf.keras.utils.set_random_seed(0)
    exact, held, on_a_gpu = make(), make(dtype="mixed_bfloat16"), make(dtype="mixed_bfloat16")
    for layer in (exact, held, on_a_gpu):
        layer.build(built_with)
        layer.set_weights(exact.get_weights())
    monkeypatch.setattr(tf.config, "list_logical_devices", lambda: [tf.config.LogicalDevice("0", "CPU")])
    network = tf.Module()
    network.layers = [held]
    hold_kernels(network, tf.bfloat16, times=4)
    hold_kernels(network, tf.bfloat16, times=4)  # of another network that has it, too
    assert held.kernel.dtype == tf.bfloat16 and not held.trainable_weights[len(exact.weights) - 1 :]
    assert (held.held_at and held.held_at.step) == step
    assert (held.kernel.shape.num_elements() == exact.kernel.shape.num_elements()) == (step is None)
    monkeypatch.setattr(tf.config, "list_logical_devices", lambda: [tf.config.LogicalDevice("0", "GPU")])
    on_a_gpu.hold(tf.bfloat16, 4)
    expected = exact(features)
    for layer, allowed in ((held, 8e-3), (on_a_gpu, 4e-3)):
        found = layer(features)
        assert found.dtype == tf.bfloat16
        assert tf.norm(tf.cast(found, tf.float32) - expected) < allowed * tf.norm(expected)
    assert on_a_gpu.held_at is None and on_a_gpu.kernel.shape == exact.kernel.shape


@pytest.mark.parametrize(
    "shape, dtype, taps, filters, step",
    [
        ((1, 18, 18, 128), tf.float32, 3, 128, 4),
        ((1, 18, 18, 128), tf.float32, 4, 128, 3),
        ((1, 18, 18, 128), tf.float32, 5, 128, None),
        ((1, 18, 18, 128), tf.bfloat16, 3, 128, None),
        ((1, 18, 18, 128), tf.float32, 3, 64, None),
        ((1, 18, 18, 64), tf.float32, 3, 128, None),
        ((1, 10, 10, 128), tf.float32, 3, 128, None),
        ((1, None, 18, 128), tf.float32, 3, 128, None),
    ],
)
def test_which_convolutions_of_stride_1(shape, dtype, taps, filters, step):
    features = tf.keras.Input(shape[1:], dtype=dtype)
    used = convolutions.unstrided_method(features, taps, shape[3], filters)
    assert (used and used.step) == step


@pytest.mark.parametrize(
    "size, of_large, of_small, step",
    [
        ((128, 128), 64, 256, 3),  # of the enhancer's decoder
        ((128, 128), 32, 64, None),  # and encoder
        ((32, 32), 128, 256, 3),
        ((16, 16), 256, 512, None),
        ((8, 8), 512, 1536, 2),
        ((8, 8), 512, 512, None),
        ((4, 4), 512, 1024, None),
        ((64, 32), 24, 97, None),  # of the demo's width
    ],
)
def test_which_convolutions_of_stride_2(size, of_large, of_small, step):
    small, large = tf.zeros([1, *size, of_small]), tf.zeros([1, 2 * size[0], 2 * size[1], of_large])
    for used in (
        convolutions.doubling_method(small, of_large),
        convolutions.halving_method(large, of_large, of_small),
    ):
        assert (used and used.step) == step
    assert convolutions.halving_method(large[:, 1:], of_large, of_small) is None
    assert convolutions.doubling_method(tf.cast(small, tf.bfloat16), of_large) is None
