"""Adversarial losses against the authors' numbers and by hand."""

from __future__ import annotations

import numpy as np
import pytest
import tensorflow as tf

from spt_tf.losses.adversarial import discriminator_loss, generator_loss
from tests.golden_arrays import golden

REAL = tf.reshape(tf.constant([[1.0, 3.0], [0.0, 1.0]]), [2, 1, 2, 1])
FAKE = tf.reshape(tf.constant([[0.0, 2.0], [1.0, -1.0]]), [2, 1, 2, 1])


@pytest.mark.parametrize("kind", ["least_squares", "log"])
def test_losses_are_the_authors(kind):
    arrays = golden("losses.npz")
    real, fake = arrays["real_logits"], arrays["fake_logits"]
    np.testing.assert_allclose(
        discriminator_loss(real, fake, kind), arrays[f"discriminator_{kind}_per_image"], rtol=1e-5
    )
    np.testing.assert_allclose(generator_loss(fake, kind), arrays[f"generator_{kind}_per_image"], rtol=1e-5)


def test_least_squares():
    # example 0: 1/2 (((1-1)^2 + (3-1)^2) / 2 + (0^2 + 2^2) / 2) = 2; example 1: 1/2 (1/2 + 1) = 3/4
    np.testing.assert_allclose(discriminator_loss(REAL, FAKE), [2.0, 0.75])
    # ((0-1)^2 + (2-1)^2) / 2 = 1; ((1-1)^2 + (-1-1)^2) / 2 = 2
    np.testing.assert_allclose(generator_loss(FAKE), [1.0, 2.0])


def test_log_is_cross_entropy_of_the_sigmoid():
    real, fake = (1 / (1 + np.exp(-logits.numpy())) for logits in (REAL, FAKE))
    expected = -0.5 * (np.log(real).mean((1, 2, 3)) + np.log(1 - fake).mean((1, 2, 3)))
    np.testing.assert_allclose(discriminator_loss(REAL, FAKE, "log"), expected, rtol=1e-5)
    np.testing.assert_allclose(generator_loss(FAKE, "log"), -np.log(fake).mean((1, 2, 3)), rtol=1e-5)


@pytest.mark.parametrize("kind", ["least_squares", "log"])
def test_float16_logits_give_finite_float32(kind):
    far = tf.fill([1, 1, 1, 1], tf.constant(-1000.0, tf.float16))
    for loss in (discriminator_loss(far, far, kind), generator_loss(far, kind)):
        assert loss.dtype == tf.float32
        assert 400 < loss[0] < 2e6


def test_logits_of_real_and_fake_may_differ_in_size():
    np.testing.assert_allclose(discriminator_loss(tf.ones([2, 3, 3, 1]), tf.zeros([2, 1, 1, 1])), [0.0, 0.0])


def test_another_kind_is_refused():
    with pytest.raises(ValueError, match=r"least_squares.*'hinge'"):
        generator_loss(FAKE, "hinge")
