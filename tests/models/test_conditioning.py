"""Images and label maps as networks take them, and back."""

from __future__ import annotations

import numpy as np
import tensorflow as tf

from spt_tf.models import conditioning
from tests.tiny import random_batch


def test_images_survive_the_round_trip_through_floats():
    grey = tf.range(256, dtype=tf.int32)
    image = tf.cast(tf.stack([grey] * 3, axis=-1), tf.uint8)
    floats = conditioning.image_to_float(image)
    assert float(tf.reduce_min(floats)) == -1 and float(tf.reduce_max(floats)) == 1
    np.testing.assert_array_equal(conditioning.image_to_uint8(floats), image)


def test_labels_survive_the_round_trip_through_one_hot():
    labels = random_batch()["source_parsing"]
    parsing = conditioning.labels_to_parsing(labels)
    assert parsing.shape == [2, 32, 32, 10]
    np.testing.assert_array_equal(conditioning.parsing_to_labels(parsing), labels)


def test_straight_through_is_hard_forward_and_soft_backward():
    soft = tf.constant([[[[0.5, 0.3, 0.2] + [0.0] * 7]]])
    with tf.GradientTape() as tape:
        tape.watch(soft)
        hard = conditioning.straight_through(soft)
        total = tf.reduce_sum(hard * tf.range(10.0))
    np.testing.assert_allclose(hard[0, 0, 0], [1] + [0] * 9, atol=1e-7)
    np.testing.assert_allclose(tape.gradient(total, soft)[0, 0, 0], np.arange(10.0))
