"""The two-stream U-Net: levels, gradients, dropout, precision, XLA."""

from __future__ import annotations

import numpy as np
import pytest
import tensorflow as tf

from spt_tf.layers.deformable_skip import deformable_skip
from spt_tf.layers.dropout import DropoutSeed
from spt_tf.networks.two_stream_unet import TwoStreamUNet, join_streams
from tests.networks.transfers import shift_right


def _inputs(batch=2, canvas=(32, 16)):
    return (
        tf.random.normal([batch, *canvas, 5]),
        tf.random.normal([batch, *canvas, 3]),
        shift_right(batch, canvas, 2.0),
    )


@pytest.mark.parametrize("canvas, levels", [((64, 32), 6), ((64, 32), 5), ((32, 16), 3)])
def test_levels_adapt_to_small_canvases(canvas, levels):
    network = TwoStreamUNet(10, "softmax", width=0.05, levels=levels)
    out = network(*_inputs(2, canvas)).numpy()
    assert out.shape == (2, *canvas, 10)
    np.testing.assert_allclose(out.sum(-1), 1.0, atol=1e-5)


def test_every_variable_gets_a_gradient():
    network = TwoStreamUNet(3, "tanh", width=0.1, levels=5)
    with tf.GradientTape() as tape:
        out = network(*_inputs(), dropout_seed=DropoutSeed(1))
        loss = tf.reduce_mean(tf.square(out - 0.3))
    gradients = tape.gradient(loss, network.trainable_variables)
    assert len(gradients) == 2 * (2 + 3 * 3 + 1) + 4 * 3 + 2
    assert all(np.any(gradient != 0) for gradient in gradients)


def test_dropout_acts_iff_a_seed_is_given_and_repeats_with_it():
    network = TwoStreamUNet(3, "tanh", width=0.1, levels=4)
    inputs = _inputs()
    plain, again = network(*inputs), network(*inputs)
    np.testing.assert_array_equal(plain, again)
    dropped = network(*inputs, dropout_seed=DropoutSeed(1))
    assert np.abs(dropped - plain).max() > 1e-4
    np.testing.assert_array_equal(dropped, network(*inputs, dropout_seed=DropoutSeed(1)))


def test_only_the_four_finest_levels_are_deformed(monkeypatch):
    deformed = []

    def spy(features, transfer, centred):
        deformed.append(features.shape[1])
        return deformable_skip(features, transfer, centred)

    monkeypatch.setattr("spt_tf.networks.two_stream_unet.deformable_skip", spy)
    TwoStreamUNet(3, "tanh", width=0.05, levels=6)(*_inputs(1, (64, 32)))
    assert deformed == [64, 32, 16, 8]


def test_a_skip_holds_the_moved_source_then_the_target_as_it_is():
    source, target = tf.random.normal([1, 4, 6, 2]), tf.random.normal([1, 4, 6, 3])
    transfer = shift_right(1, (4, 6), 2.0)
    skip = join_streams(source, target, transfer)
    np.testing.assert_allclose(skip[:, :, 2:, :2], source[:, :, :-2], atol=1e-5)
    np.testing.assert_array_equal(skip[..., 2:], target)
    np.testing.assert_array_equal(join_streams(source, target, None)[..., :2], source)


def test_mixed_precision_computes_in_float16_and_answers_in_float32():
    inputs = _inputs()
    wide = TwoStreamUNet(3, "tanh", width=0.1, levels=4)
    expected = wide(*inputs)
    tf.keras.mixed_precision.set_global_policy("mixed_float16")
    try:
        narrow = TwoStreamUNet(3, "tanh", width=0.1, levels=4)
        narrow(*inputs)
        narrow.set_weights(wide.get_weights())
        out = narrow(*inputs)
        assert narrow.target_encoder(inputs[1])[-1].dtype == tf.float16
    finally:
        tf.keras.mixed_precision.set_global_policy("float32")
    assert out.dtype == tf.float32
    assert all(variable.dtype == tf.float32 for variable in narrow.variables)
    np.testing.assert_allclose(out, expected, atol=0.02)


def test_compiled_by_xla_it_answers_the_same(monkeypatch):
    # the deformable skip takes long to compile, and has a test of its own
    monkeypatch.setattr("spt_tf.networks.two_stream_unet.deformable_skip", lambda features, *_: features)
    network = TwoStreamUNet(3, "tanh", width=0.05, levels=3)
    inputs = _inputs(1, (16, 8))
    compiled = tf.function(network, jit_compile=True)
    np.testing.assert_allclose(compiled(*inputs), network(*inputs), atol=1e-5)


def test_a_canvas_that_does_not_halve_often_enough_is_refused():
    network = TwoStreamUNet(3, "tanh", width=0.05, levels=6)
    with pytest.raises(ValueError, match=r"multiples of 32, got \(2, 48, 32, 5\)"):
        network(*_inputs(2, (48, 32)))


@pytest.mark.parametrize(
    "settings, message", [({"activation": "relu"}, "activation"), ({"levels": 1}, "levels")]
)
def test_bad_settings_are_refused(settings, message):
    with pytest.raises(ValueError, match=message):
        TwoStreamUNet(**{"output_channels": 3, "activation": "tanh", **settings})
