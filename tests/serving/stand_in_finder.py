"""A finder with `PersonFinder`'s `look_at`, whose every answer depends on the image."""

from __future__ import annotations

import numpy as np
import tensorflow as tf

from spt_tf.anatomy import MISSING, NUM_JOINTS, NUM_LABELS
from spt_tf.perception.finder import Found
from tests.perception.tiny import tiny_config
from tests.serving.stand_in import CANVAS


class StandInFinder:
    """Finds a joint where a fixed share of the canvas is, moved by the image's mean; dark images hold nobody.

    A red image (over 200 in the red channel, under 50 in green) shows no shoulders and hips.
    """

    def __init__(self, canvas=CANVAS):
        self.canvas = canvas
        self.config = tiny_config(height=canvas[0], width=canvas[1])
        self.shares = np.random.default_rng(0).uniform(0.2, 0.7, (NUM_JOINTS, 2)).astype(np.float32)

    def look_at(self, image):
        mean = tf.reduce_mean(tf.cast(image, tf.float32), axis=[1, 2])  # [B, 3]
        moved = self.shares + mean[:, tf.newaxis, :1] / 2550.0
        places = moved * tf.constant(self.canvas, tf.float32)
        present = tf.tile(tf.reduce_max(mean, axis=1, keepdims=True) > 20.0, [1, NUM_JOINTS])
        red = (mean[:, :1] > 200.0) & (mean[:, 1:2] < 50.0)
        torso = tf.constant([joint in (2, 5, 8, 11) for joint in range(NUM_JOINTS)])
        present &= ~(red & torso)
        keypoints = tf.where(present[..., tf.newaxis], places, float(MISSING))
        scores = tf.where(present, 0.9, 0.1) - mean[:, 1:2] / 25500.0
        labels = tf.cast(tf.cast(image[..., 0], tf.int32) % NUM_LABELS, tf.uint8)
        confidence = tf.cast(image[..., 1], tf.float32) / 255.0
        return Found(labels, confidence, keypoints, places, scores)
