"""Instance and map normalisation by their definitions, in float16 too."""

from __future__ import annotations

import numpy as np
import pytest
import tensorflow as tf

from spt_tf.layers.normalization import InstanceNormalization, MapNormalization


@pytest.fixture
def features() -> np.ndarray:
    return np.random.default_rng(0).normal(3.0, 5.0, [2, 4, 6, 3]).astype(np.float32)


def test_instance_normalization_is_per_channel_with_the_biased_variance(features):
    mean = features.mean((1, 2), keepdims=True)
    variance = features.var((1, 2), keepdims=True)
    layer = InstanceNormalization()
    np.testing.assert_allclose(layer(features), (features - mean) / np.sqrt(variance + 1e-5), atol=1e-5)
    assert not layer.variables


def test_map_normalization_is_over_everything_with_one_scale_and_one_shift(features):
    layer = MapNormalization()
    layer(features)
    layer.scale.assign(2.0)
    layer.shift.assign(-1.0)
    mean = features.mean((1, 2, 3), keepdims=True)
    variance = features.var((1, 2, 3), keepdims=True)
    expected = 2.0 * (features - mean) / np.sqrt(variance + 1e-3) - 1.0
    np.testing.assert_allclose(layer(features), expected, atol=1e-5)
    assert [v.shape.rank for v in layer.trainable_variables] == [0, 0]


@pytest.mark.parametrize("make", [InstanceNormalization, MapNormalization])
def test_float16_features_do_not_overflow(make):
    # the squares of these are far above float16's 65504
    features = tf.constant([-2000.0, 2000.0] * 32, tf.float16)[tf.newaxis, :, tf.newaxis, tf.newaxis]
    out = make(dtype="mixed_float16")(features)
    assert out.dtype == tf.float16
    np.testing.assert_allclose(out, np.sign(features), atol=1e-3)


@pytest.mark.parametrize("make", [InstanceNormalization, MapNormalization])
def test_any_batch_size_and_stock_operators_only(make, features):
    layer = make()
    graph = tf.function(layer).get_concrete_function(tf.TensorSpec([None, 4, 6, 3]))
    np.testing.assert_allclose(graph(tf.constant(features))[1:], layer(features[1:]), atol=1e-5)
    assert {operation.type for operation in graph.graph.get_operations()} <= set(dir(tf.raw_ops))


def _by_definition(layer, features: tf.Tensor) -> tf.Tensor:
    axes = [1, 2] if isinstance(layer, InstanceNormalization) else [1, 2, 3]
    mean, variance = tf.nn.moments(features, axes, keepdims=True)
    normalized = (features - mean) / tf.sqrt(variance + (1e-5 if len(axes) == 2 else 1e-3))
    return normalized if len(axes) == 2 else normalized * layer.scale + layer.shift


@pytest.mark.parametrize("in_graph", [True, False])
@pytest.mark.parametrize("make", [InstanceNormalization, MapNormalization])
def test_the_gradient_written_out_is_that_of_the_definition(make, in_graph, features):
    layer, features = make(), tf.constant(features)
    layer(features)
    if layer.variables:
        layer.scale.assign(2.0)
        layer.shift.assign(-1.0)
    weights = tf.constant(np.random.default_rng(1).normal(size=features.shape), tf.float32)

    def gradients(call) -> list[tf.Tensor]:
        with tf.GradientTape() as tape:
            tape.watch(features)
            loss = tf.reduce_sum(weights * call(features) ** 2)
        return tape.gradient(loss, [features, *layer.trainable_variables])

    ours = tf.function(gradients)(layer) if in_graph else gradients(layer)
    for mine, true in zip(ours, gradients(lambda x: _by_definition(layer, x))):
        np.testing.assert_allclose(mine, true, rtol=1e-3, atol=1e-4)


@pytest.mark.parametrize("make, most", [(InstanceNormalization, 54), (MapNormalization, 44)])
def test_operators_forward_and_back_are_few(make, most, features):
    """What a step's graph is made of one by one before it starts: there are ninety of these layers in it."""
    layers, features = [make() for _ in range(2)], tf.constant(features)
    for layer in layers:
        layer(features)

    def gradients(features: tf.Tensor) -> list[tf.Tensor]:
        with tf.GradientTape() as tape:
            tape.watch(features)
            normalized = features
            for layer in layers:
                normalized = layer(normalized)
        return tape.gradient(normalized, [features, *(v for layer in layers for v in layer.variables)])

    graph = tf.function(gradients, autograph=False).get_concrete_function(features).graph
    assert len(graph.get_operations()) < most * len(layers)
