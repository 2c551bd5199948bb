"""Winograd's convolution against TensorFlow's in float64: values, both gradients, where it is taken."""

from __future__ import annotations

import numpy as np
import pytest
import tensorflow as tf

from spt_tf.layers import winograd


def _given(shape: tuple[int, ...], filters: int) -> tuple[tf.Tensor, tf.Tensor]:
    rng = np.random.default_rng(0)
    kernel = rng.normal(0.0, 0.02, (3, 3, shape[3], filters))
    return tf.constant(rng.normal(size=shape), tf.float32), tf.constant(kernel, tf.float32)


@pytest.mark.parametrize("shape, filters", [((2, 10, 18, 5), 7), ((1, 6, 6, 3), 2), ((3, 14, 10, 128), 4)])
def test_it_is_the_convolution(shape, filters):
    features, kernel = _given(shape, filters)
    exact = [tf.cast(one, tf.float64) for one in (features, kernel)]
    with tf.GradientTape(persistent=True) as tape:
        tape.watch([features, kernel, *exact])
        result, expected = winograd.convolution(features, kernel), tf.nn.conv2d(*exact, 1, "VALID")
        upstream = np.random.default_rng(1).normal(size=expected.shape)
        total, expected_total = tf.reduce_sum(result * upstream), tf.reduce_sum(expected * upstream)
    pairs = [(result, expected)]
    pairs += zip(tape.gradient(total, [features, kernel]), tape.gradient(expected_total, exact))
    for one, other in pairs:
        assert one.dtype == tf.float32
        np.testing.assert_allclose(one, other, atol=1e-4 * np.std(other))


def test_batches_of_any_size_share_a_graph():
    features, kernel = _given((3, 10, 10, 4), 6)
    signature = [tf.TensorSpec([None, 10, 10, 4]), tf.TensorSpec(kernel.shape)]
    traced = tf.function(winograd.convolution, input_signature=signature)
    for batch in (3, 1):
        np.testing.assert_allclose(
            traced(features[:batch], kernel), tf.nn.conv2d(features[:batch], kernel, 1, "VALID"), atol=1e-5
        )


@pytest.mark.parametrize(
    "shape, dtype, filters, expected",
    [
        ((1, 18, 18, 128), tf.float32, 128, True),
        ((1, 18, 18, 128), tf.bfloat16, 128, False),
        ((1, 18, 17, 128), tf.float32, 128, False),
        ((1, 18, 18, 128), tf.float32, 64, False),
        ((1, 18, 18, 64), tf.float32, 128, False),
        ((1, 10, 10, 128), tf.float32, 128, False),
    ],
)
def test_where_it_is_taken(shape, dtype, filters, expected, monkeypatch):
    features = tf.zeros(shape, dtype)
    assert winograd.pays(features, filters) is expected
    gpu = tf.config.LogicalDevice("/device:GPU:0", "GPU")
    monkeypatch.setattr(tf.config, "list_logical_devices", lambda: [gpu])
    assert not winograd.pays(features, filters)
