"""Encoder, decoder and head of the two-stream U-Net."""

from __future__ import annotations

import numpy as np
import pytest
import tensorflow as tf

from spt_tf.layers.dropout import DropoutSeed
from spt_tf.networks.pyramid import Decoder, Encoder, OutputHead, decoder_filters, encoder_filters


def test_filters_are_the_papers():
    assert encoder_filters(6, 1.0) == [64, 128, 256, 512, 512, 512]
    assert decoder_filters(6, 1.0) == [512, 512, 512, 256, 128]
    assert encoder_filters(5, 0.25) == [16, 32, 64, 128, 128]
    assert decoder_filters(5, 0.25) == [128, 128, 64, 32]


def test_an_encoder_lists_its_levels_finest_first():
    features = Encoder([4, 6, 8])(tf.random.normal([2, 16, 8, 3]))
    assert [level.shape.as_list() for level in features] == [[2, 16, 8, 4], [2, 8, 4, 6], [2, 4, 2, 8]]


def test_the_coarsest_level_is_normalized_on_demand_only():
    inputs = 1e4 * tf.random.normal([1, 16, 16, 3])
    assert np.std(Encoder([4, 6], normalize_last=True)(inputs)[-1]) == pytest.approx(1.0, abs=1e-3)
    assert np.std(Encoder([4, 6])(inputs)[-1]) > 10


def test_fading_in_blends_the_first_level():
    encoder, inputs = Encoder([4, 6]), tf.random.normal([1, 8, 8, 3])
    foreign = tf.random.normal([1, 8, 8, 4])
    own = encoder(inputs)
    blended = encoder(inputs, foreign, tf.constant(0.25))
    np.testing.assert_allclose(blended[0], 0.75 * own[0] + 0.25 * foreign, atol=1e-6)
    np.testing.assert_allclose(blended[1], encoder.downs[0](blended[0]), atol=1e-6)


def test_a_decoder_uses_every_skip_and_ends_at_the_finest_resolution():
    skips = [tf.random.normal([1, size, size, 2]) for size in (16, 8, 4)]
    decoder = Decoder([8, 6])
    out = decoder(skips)
    assert out.shape == (1, 16, 16, 6)
    # the finest skip joins in the head
    np.testing.assert_array_equal(decoder([tf.zeros_like(skips[0]), *skips[1:]]), out)
    for changed in (1, 2):
        others = [tf.zeros_like(skip) if level == changed else skip for level, skip in enumerate(skips)]
        assert np.abs(decoder(others) - out).max() > 1e-3


def test_the_three_coarsest_levels_drop_out_each_in_its_own_way():
    decoder = Decoder([64] * 4, dropout=0.5)
    assert [up.dropout for up in decoder.ups] == [0.5, 0.5, 0.5, 0.0]
    skips = [tf.random.normal([1, size, size, 2]) for size in (16, 8, 4, 2, 1)]
    taken = []
    for up in decoder.ups:
        call = up.call
        up.call = lambda x, dropout_seed=None, call=call: taken.append(dropout_seed) or call(x, dropout_seed)
    decoder(skips, dropout_seed=DropoutSeed(7))
    assert len({seed for seed in taken}) == 4


def test_the_head_answers_in_float32_within_its_activation():
    features = 100 * tf.random.normal([1, 4, 4, 8])
    image = OutputHead(3, "tanh")(features)
    assert image.dtype == tf.float32
    assert np.abs(image).max() <= 1
    np.testing.assert_allclose(tf.reduce_sum(OutputHead(10, "softmax")(features), -1), 1.0, atol=1e-5)
