"""Whole channels fall, each with its probability, by what decides and by nothing else."""

from __future__ import annotations

import numpy as np
import pytest
import tensorflow as tf

from spt_tf.layers.dropout import DropoutSeed, channel_dropout


def _kept(seed: DropoutSeed, batch: int = 4, channels: int = 1000, rate: float = 0.5) -> np.ndarray:
    """Which channels of which example are kept, bool `[batch,channels]`."""
    return channel_dropout(tf.ones([batch, 1, 1, channels]), rate, seed).numpy()[:, 0, 0] > 0


def test_it_takes_whole_channels_and_keeps_the_expectation():
    dropped = channel_dropout(tf.ones([4, 3, 2, 1000]), 0.25, DropoutSeed(1, step=2)).numpy()
    assert np.ptp(dropped, axis=(1, 2)).max() == 0
    np.testing.assert_allclose(np.unique(dropped), [0.0, 1 / 0.75], rtol=1e-6)
    assert dropped.mean() == pytest.approx(1.0, abs=0.05)


def test_examples_steps_draws_and_runs_are_independent():
    """Two independent draws of 4 x 1000 channels agree in half of them (4 sigma: 0.032)."""
    first = _kept(DropoutSeed(0))
    others = [
        _kept(DropoutSeed(1)),
        _kept(DropoutSeed(0, step=1)),
        _kept(DropoutSeed(0, draw=1)),
        _kept(DropoutSeed(0, first_example=4)),
        np.roll(first, 1, axis=0),  # each example beside its neighbour
        np.roll(first, 1, axis=1),  # each channel beside its neighbour
    ]
    for other in others:
        assert np.mean(first == other) == pytest.approx(0.5, abs=0.032)


def test_it_is_a_pure_function_of_its_seed():
    np.testing.assert_array_equal(_kept(DropoutSeed(3, 5)), _kept(DropoutSeed(3, 5)))


@pytest.mark.parametrize("channels", [1, 3, 64, 66])
def test_an_example_drops_the_same_whichever_batch_it_is_in(channels):
    whole = _kept(DropoutSeed(1, 2), batch=6, channels=channels)
    for start, size in ((0, 3), (3, 3), (2, 1)):
        part = _kept(DropoutSeed(1, 2, first_example=start), size, channels)
        np.testing.assert_array_equal(part, whole[start : start + size])


def test_the_seeds_of_a_split_are_all_different():
    seeds = [s for part in DropoutSeed(1, 2, 3).split(4) for s in part.split(5)]
    assert sorted(s.draw for s in seeds) == list(range(20))
    assert {s._replace(draw=0) for s in seeds} == {DropoutSeed(1, 2, 3)}


def test_compiled_with_xla_an_example_drops_the_same_whichever_batch_it_is_in():
    """XLA draws other numbers than TensorFlow's own kernel, so the two are not compared."""

    @tf.function(jit_compile=True)
    def kept(ones, first_example):
        return channel_dropout(ones, 0.5, DropoutSeed(1, tf.constant(7, tf.int64), first_example))

    whole = kept(tf.ones([6, 1, 1, 66]), tf.constant(0, tf.int64))
    part = kept(tf.ones([3, 1, 1, 66]), tf.constant(2, tf.int64))
    np.testing.assert_array_equal(part, whole[2:5])
    assert 0.3 < np.mean(whole == 0) < 0.7


def test_the_gradient_is_that_of_what_is_kept():
    features = tf.random.stateless_normal([2, 3, 3, 8], [0, 1])
    with tf.GradientTape() as tape:
        tape.watch(features)
        dropped = channel_dropout(features, 0.5, DropoutSeed(1))
    np.testing.assert_allclose(tape.gradient(dropped, features), dropped / features, rtol=1e-5)


def test_it_keeps_the_type():
    assert channel_dropout(tf.ones([1, 1, 1, 4], tf.float16), 0.5, DropoutSeed(0)).dtype == tf.float16
