"""The pose detector P: a residual network from an image to its heatmaps (method.md, Networks)."""

from __future__ import annotations

from typing import Any

import tensorflow as tf

from spt_tf.anatomy import NUM_JOINTS
from spt_tf.layers.blocks import ResidualBlock, convolution, normal_initializer, reflect_pad, scaled
from spt_tf.layers.normalization import InstanceNormalization
from spt_tf.layers.shapes_alone import make_variables, shapes_will_do
from spt_tf.networks.shapes import check_map


class PoseDetector(tf.keras.Model):
    """Finds the 18 joints: two halvings, `blocks` residual blocks, two doublings.

    width scales the filters 64, 128, 256. Height and width must be multiples of 4.
    """

    def __init__(self, width: float = 1.0, blocks: int = 9, **kwargs: Any):
        super().__init__(**kwargs)
        fine, middle, coarse = (scaled(filters, width) for filters in (64, 128, 256))
        self.first = convolution(fine, 7, padding="valid")
        self.normalize_first = InstanceNormalization()
        self.downs = [convolution(filters, 3, strides=2, padding="valid") for filters in (middle, coarse)]
        self.normalize_downs = [InstanceNormalization() for _ in self.downs]
        self.residuals = [ResidualBlock(coarse) for _ in range(blocks)]
        self.ups = [
            tf.keras.layers.Conv2DTranspose(
                filters, 3, strides=2, padding="valid", kernel_initializer=normal_initializer()
            )
            for filters in (middle, fine)
        ]
        self.normalize_ups = [InstanceNormalization() for _ in self.ups]
        self.last = convolution(NUM_JOINTS, 7, padding="valid")

    def call(self, images: tf.Tensor) -> tf.Tensor:
        """Images `[B,H,W,3]` in [-1,1] -> heatmaps `[B,H,W,18]` float32 in [-1,1] (by tanh)."""
        check_map(type(self).__name__, images, multiple_of=4, channels=3)
        if shapes_will_do():
            return self._make_variables(images.shape)
        features = tf.nn.relu(self.normalize_first(self.first(reflect_pad(images, 3))))
        for down, normalize in zip(self.downs, self.normalize_downs):
            # one pixel all round, where "same" would pad at the far side only
            padded = tf.pad(features, [[0, 0], [1, 1], [1, 1], [0, 0]])
            features = tf.nn.relu(normalize(down(padded)))
        for residual in self.residuals:
            features = residual(features)
        for up, normalize in zip(self.ups, self.normalize_ups):
            # the transpose of that padding: the first row and column fall away
            # (tf.slice, because the gradient of indexing takes several times as long)
            kept = tf.slice(up(features), [0, 1, 1, 0], [-1, -1, -1, -1])
            features = tf.nn.relu(normalize(kept))
        return tf.nn.tanh(tf.cast(self.last(reflect_pad(features, 3)), tf.float32))

    def _make_variables(self, images: tf.TensorShape) -> tf.Tensor:
        """Answers zeros."""
        batch, height, width, channels = images
        make_variables(self.first, (batch, height + 6, width + 6, channels))
        channels = self.first.filters
        for down in self.downs:
            make_variables(down, (batch, height + 2, width + 2, channels))
            height, width, channels = height // 2, width // 2, down.filters
        for residual in self.residuals:
            make_variables(residual, (batch, height, width, channels))
        for up in self.ups:
            make_variables(up, (batch, height, width, channels))
            height, width, channels = 2 * height, 2 * width, up.filters
        make_variables(self.last, (batch, height + 6, width + 6, channels))
        return tf.zeros([batch, height, width, NUM_JOINTS])
