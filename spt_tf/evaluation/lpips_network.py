"""LPIPS v0.1 (Zhang et al. 2018): distance of two images' features, channels weighted as people see."""

from __future__ import annotations

import numpy as np
import tensorflow as tf

from spt_tf.evaluation.lpips_weights import BACKBONES, LpipsWeights

# The package's scaling layer, for RGB in [-1, 1].
_SHIFT, _SCALE = (-0.030, -0.088, -0.188), (0.458, 0.448, 0.450)
_EPSILON = 1e-10
SMALLEST_SIDE = 32  # of an image: below it a backbone's last pooling has nothing left


class LpipsNetwork:
    """The distance with given weights; `backbone` names their network, which published values differ by."""

    def __init__(self, weights: LpipsWeights):
        self.backbone = weights.network
        self._layers, self._linear = [], []
        for layer in BACKBONES[weights.network]:
            kernel = weights.tensors[f"features.{layer.number}.weight"].transpose(2, 3, 1, 0)
            bias = weights.tensors[f"features.{layer.number}.bias"]
            self._layers.append((layer, tf.constant(kernel), tf.constant(bias)))
        for tap in range(sum(layer.tapped for layer in BACKBONES[weights.network])):
            self._linear.append(tf.constant(weights.tensors[f"lin{tap}.model.1.weight"][0, :, 0, 0]))
        image = tf.TensorSpec([None, None, None, 3], tf.uint8)
        self._distance = tf.function(self._compare, input_signature=[image, image], autograph=False)

    def __call__(self, target: np.ndarray, generated: np.ndarray) -> np.ndarray:
        """uint8 `[N,H,W,3]` twice -> float64 `[N]`, 0 for equal images; symmetric.

        Raises:
            ValueError: for shapes that differ or sides under `SMALLEST_SIDE`.
        """
        if target.shape != generated.shape or target.ndim != 4:
            raise ValueError(f"LPIPS wants two [N,H,W,3] arrays, got {target.shape} and {generated.shape}")
        if min(target.shape[1:3]) < SMALLEST_SIDE:
            raise ValueError(f"LPIPS wants sides of at least {SMALLEST_SIDE}, got {target.shape[1:3]}")
        return self._distance(target, generated).numpy().astype(np.float64)

    def _compare(self, target: tf.Tensor, generated: tf.Tensor) -> tf.Tensor:
        count = tf.shape(target)[0]
        taps = self._features(tf.concat([target, generated], axis=0))
        distance = tf.zeros([count])
        for features, weights in zip(taps, self._linear):
            squares = tf.square(features[:count] - features[count:])
            distance += tf.reduce_mean(tf.linalg.matvec(squares, weights), axis=[1, 2])
        return distance

    def _features(self, images: tf.Tensor) -> list[tf.Tensor]:
        """The tapped maps `[B,h,w,C]`, each pixel's channels of length 1."""
        maps = (tf.cast(images, tf.float32) / 127.5 - 1.0 - tf.constant(_SHIFT)) / tf.constant(_SCALE)
        taps = []
        for layer, kernel, bias in self._layers:
            if layer.pool:
                maps = tf.nn.max_pool2d(maps, layer.pool, 2, "VALID")
            around = [[0, 0], [layer.padding] * 2, [layer.padding] * 2, [0, 0]]
            maps = tf.nn.relu(tf.nn.conv2d(maps, kernel, layer.stride, around) + bias)
            if layer.tapped:
                length = tf.sqrt(tf.reduce_sum(tf.square(maps), axis=-1, keepdims=True))
                taps.append(maps / (length + _EPSILON))
        return taps
