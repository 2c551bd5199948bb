"""The parsing's cross entropy, person pixels weighing twice."""

from __future__ import annotations

import numpy as np
import tensorflow as tf

from spt_tf.losses.semantic import parsing_cross_entropy


def test_person_pixels_weigh_twice():
    # two pixels of label 0 and 2; probabilities of the right label 1/2 and 1/4; the second is the person's
    label = tf.one_hot([[[0, 2]]], 3)
    predicted = tf.constant([[[[0.5, 0.25, 0.25], [0.5, 0.25, 0.25]]]])
    mask = tf.constant([[[[0.0], [1.0]]]])
    expected = (np.log(2) + 2 * np.log(4)) / 2
    np.testing.assert_allclose(parsing_cross_entropy(label, predicted, mask), [expected], rtol=1e-5)


def test_each_example_by_itself():
    label = tf.one_hot([[[0]], [[1]]], 2)
    predicted = tf.constant([[[[1.0, 0.0]]], [[[0.75, 0.25]]]])
    out = parsing_cross_entropy(label, predicted, tf.zeros([2, 1, 1, 1]))
    np.testing.assert_allclose(out, [0.0, np.log(4)], rtol=1e-5, atol=1e-7)


def test_a_certain_and_wrong_prediction_stays_finite_with_a_gradient():
    predicted = tf.constant([[[[1.0, 0.0]]]], tf.float16)
    with tf.GradientTape() as tape:
        tape.watch(predicted)
        loss = parsing_cross_entropy(
            tf.one_hot([[[1]]], 2), tf.cast(predicted, tf.float32), tf.ones([1, 1, 1, 1])
        )
    assert np.isfinite(loss[0]) and loss[0] > 30
    assert parsing_cross_entropy(tf.one_hot([[[1]]], 2), predicted, tf.ones([1, 1, 1, 1])).dtype == tf.float32
    assert tape.gradient(loss, predicted)[0, 0, 0, 1] < 0
