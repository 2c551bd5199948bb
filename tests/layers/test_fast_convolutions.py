"""Convolutions by Winograd's method against TensorFlow's in float64: values and both gradients."""

from __future__ import annotations

import numpy as np
import pytest
import tensorflow as tf

from spt_tf.layers import fast_convolutions, winograd


def _unstrided(features: tf.Tensor, kernel: tf.Tensor) -> tf.Tensor:
    return tf.nn.conv2d(features, kernel, 1, "VALID")


def _halving(features: tf.Tensor, kernel: tf.Tensor) -> tf.Tensor:
    return tf.nn.conv2d(features, kernel, 2, "SAME")


def _doubling(features: tf.Tensor, kernel: tf.Tensor) -> tf.Tensor:
    batch, height, width = features.shape[:3]
    return tf.nn.conv2d_transpose(
        features, kernel, [batch, 2 * height, 2 * width, kernel.shape[2]], 2, "SAME"
    )


_CASES = [
    # step, taps, features, kernel
    ("unstrided", _unstrided, (4, 3), (2, 10, 18, 5), (3, 3, 5, 7)),
    ("unstrided", _unstrided, (4, 3), (1, 7, 9, 3), (3, 3, 3, 2)),
    ("unstrided", _unstrided, (4, 3), (3, 14, 10, 128), (3, 3, 128, 4)),
    ("unstrided", _unstrided, (3, 4), (2, 12, 9, 5), (4, 4, 5, 7)),
    ("unstrided", _unstrided, (3, 4), (1, 4, 5, 3), (4, 4, 3, 2)),
    ("halving", _halving, (3, 2), (3, 6, 10, 2), (4, 4, 2, 5)),
    ("halving", _halving, (2, 2), (1, 2, 2, 3), (4, 4, 3, 1)),
    ("halving", _halving, (2, 2), (2, 18, 14, 64), (4, 4, 64, 3)),
    ("doubling", _doubling, (3, 2), (3, 3, 5, 2), (4, 4, 5, 2)),
    ("doubling", _doubling, (2, 2), (1, 1, 2, 3), (4, 4, 1, 3)),
    ("doubling", _doubling, (3, 2), (2, 8, 9, 64), (4, 4, 3, 64)),
]


@pytest.mark.parametrize("name, exact, form, shape, kernel_shape", _CASES)
def test_it_is_the_convolution(name, exact, form, shape, kernel_shape):
    rng = np.random.default_rng(0)
    maps = rng.normal(size=shape).astype(np.float32), rng.normal(size=kernel_shape).astype(np.float32)
    ours, used = getattr(fast_convolutions, name), winograd.method(*form)
    upstream = rng.normal(size=exact(*map(tf.constant, maps)).shape).astype(np.float32)
    found = []
    for call, dtype in ((lambda *given: ours(used, *given), tf.float32), (exact, tf.float64)):
        given = [tf.cast(one, dtype) for one in maps]
        with tf.GradientTape() as tape:
            tape.watch(given)
            result = call(*given)
        found.append([result, *tape.gradient(result, given, tf.cast(upstream, dtype))])
    for one, other in zip(*found):
        assert one.dtype == tf.float32 and one.shape == other.shape
        np.testing.assert_allclose(one, other, atol=1e-4 * max(1.0, np.std(other)))


@pytest.mark.parametrize("name, exact, form, shape, kernel_shape", [_CASES[0], _CASES[5], _CASES[8]])
def test_batches_of_any_size_share_a_graph(name, exact, form, shape, kernel_shape):
    rng = np.random.default_rng(0)
    maps, kernel = (tf.constant(rng.normal(size=size), tf.float32) for size in (shape, kernel_shape))
    used, ours = winograd.method(*form), getattr(fast_convolutions, name)

    @tf.function(input_signature=[tf.TensorSpec([None, *shape[1:]]), tf.TensorSpec(kernel_shape)])
    def traced(maps: tf.Tensor, kernel: tf.Tensor) -> list[tf.Tensor]:
        with tf.GradientTape() as tape:
            tape.watch([maps, kernel])
            result = ours(used, maps, kernel)
        assert result.shape[1:] == exact(tf.zeros(shape), kernel).shape[1:]
        return [result, *tape.gradient(result, [maps, kernel])]

    for batch in (shape[0], 1):
        with tf.GradientTape() as tape:
            given = [maps[:batch], kernel]
            tape.watch(given)
            result = exact(*given)
        for one, other in zip(traced(*given), [result, *tape.gradient(result, given)]):
            np.testing.assert_allclose(one, other, rtol=1e-4, atol=1e-4)


@pytest.mark.parametrize("name, form, shape, kernel_shape", [(c[0], *c[2:]) for c in (_CASES[0], _CASES[8])])
def test_gradients_are_named_after_their_layer(name, form, shape, kernel_shape):
    @tf.function
    def traced(maps: tf.Tensor, kernel: tf.Tensor) -> list[tf.Tensor]:
        with tf.GradientTape() as tape, tf.name_scope("layer"):
            tape.watch([maps, kernel])
            result = getattr(fast_convolutions, name)(winograd.method(*form), maps, kernel)
        return tape.gradient(result, [maps, kernel])

    graph = traced.get_concrete_function(tf.TensorSpec(shape), tf.TensorSpec(kernel_shape)).graph
    products = [one.name for one in graph.get_operations() if "MatMul" in one.type]
    assert all("layer/" in one for one in products)
    assert sum(one.startswith("gradient_tape/layer/") for one in products) > len(products) // 2
