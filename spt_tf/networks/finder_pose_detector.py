"""A person finder in the place of P: its joints as the heatmaps that poses are drawn as."""

from __future__ import annotations

import math

import tensorflow as tf

from spt_tf.anatomy import NUM_JOINTS
from spt_tf.layers.shapes_alone import shapes_will_do
from spt_tf.networks.person_finder import Findings, joint_probabilities


class FinderPoseDetector(tf.keras.Model):
    """Maps images `[B,H,W,3]` in [-1, 1] to heatmaps `[B,H,W,18]`, as `networks.PoseDetector` does.

    A joint's map is about a Gaussian of `sigma` pixels whose peak is how sure the finder is that it is to be
    seen. The finder was taught Gaussians of its own width; a wider one is that, blurred. It looks at its own
    canvas; images of another size are brought there, and the maps back.

    finder: `person_finder`. canvas: (height, width) that it has learned from. own_sigma, sigma: its pixels;
    one below `own_sigma` is as wide as `own_sigma`.
    """

    def __init__(self, finder: tf.keras.Model, canvas: tuple[int, int], own_sigma: float, sigma: float):
        super().__init__()
        self.finder, self._canvas = finder, (int(canvas[0]), int(canvas[1]))
        self._sigma = max(own_sigma, sigma)
        self._blur = math.sqrt(self._sigma**2 - own_sigma**2)

    def call(self, image: tf.Tensor) -> tf.Tensor:
        if shapes_will_do():
            return tf.zeros([*image.shape[:3], NUM_JOINTS])
        size = image.shape[1:3].as_list()
        on_canvas = tuple(size) == self._canvas
        image = tf.cast(image, tf.float32)
        seen = image if on_canvas else tf.image.resize(image, self._canvas)
        found = Findings(*self.finder(seen, training=False))
        shares = _blurred(joint_probabilities(found.joints), self._blur)
        # a Gaussian whose sum is 1 has the peak 1 / (2 pi sigma^2)
        sure = tf.sigmoid(found.presence)[:, tf.newaxis, tf.newaxis]
        heatmaps = 2.0 * math.pi * self._sigma**2 * shares * sure
        return heatmaps if on_canvas else tf.image.resize(heatmaps, size)


def _blurred(maps: tf.Tensor, sigma: float) -> tf.Tensor:
    """`[B,H,W,18]` smoothed by a Gaussian of `sigma` pixels; what lies beyond the edge is lost."""
    if sigma < 0.1:
        return maps
    reach = math.ceil(3 * sigma)
    kernel = tf.exp(-0.5 * (tf.range(-reach, reach + 1, dtype=tf.float32) / sigma) ** 2)
    kernel /= tf.reduce_sum(kernel)
    for shape in ([-1, 1, 1, 1], [1, -1, 1, 1]):
        filters = tf.tile(tf.reshape(kernel, shape), [1, 1, NUM_JOINTS, 1])
        maps = tf.nn.depthwise_conv2d(maps, filters, [1, 1, 1, 1], "SAME")
    return maps
