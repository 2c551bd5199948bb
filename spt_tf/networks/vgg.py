"""Lambda: VGG16 up to relu2_1, frozen, for the content and style losses (method.md, Symbols).

The source of the weights decides how an image is prepared for them:

- torchvision's own (vgg16-397923af.pth), which the authors used, and random ones: as the authors do it,
  `(x - mean) / std` with torchvision's mean and std of RGB in [0,1], but x in [-1,1]. The random filters are
  by He et al., seeded; shallow ones carry texture statistics too (Ustyuzhaninov et al. 2016).
- Keras's: those expect BGR in 0..255 less its mean, and give features some thirty times as large. The image
  is prepared so, and the features are divided by `KERAS_SCALE`, to leave the loss weights' meaning as it is.

`training.vgg_weights` reads them from files.
"""

from __future__ import annotations

import logging
from typing import Any, NamedTuple

import numpy as np
import tensorflow as tf

from spt_tf.layers.blocks import scaled
from spt_tf.layers.shapes_alone import shapes_will_do
from spt_tf.networks.shapes import check_map

TORCH_MEAN, TORCH_STD = (0.485, 0.456, 0.406), (0.229, 0.224, 0.225)
KERAS_MEAN_BGR = (103.939, 116.779, 123.68)
# A unit of [0,1] spans 255 in Keras's input, and 2 / 0.226 in the authors': they divide x in [-1,1] by
# torchvision's std of [0,1] (its mean over channels: 0.226). A ReLU network's features scale with its input,
# so dividing them by this is as if the input had had the authors' spread.
KERAS_SCALE = 255.0 * 0.226 / 2.0

_log = logging.getLogger(__name__)


class Layer(NamedTuple):
    """A convolution: its name in Keras and in torchvision, channels in and out."""

    name: str
    torch_name: str
    inputs: int
    filters: int


LAYERS = (
    Layer("block1_conv1", "features.0", 3, 64),
    Layer("block1_conv2", "features.2", 64, 64),
    Layer("block2_conv1", "features.5", 64, 128),
)


class VggWeights(NamedTuple):
    """Kernel `[3,3,in,out]` and bias `[out]`, float32, of each of `LAYERS` by its name.

    from_keras: whether they expect what Keras's file does or what torchvision's does. origin: in words.
    """

    arrays: dict[str, tuple[np.ndarray, np.ndarray]]
    from_keras: bool
    origin: str


class VggFeatures(tf.keras.Model):
    """VGG16's first three convolutions, never trained.

    weights: None for random filters; seed, width: of these, width scaling their number.
    """

    def __init__(self, weights: VggWeights | None = None, seed: int = 0, width: float = 1.0, **kwargs: Any):
        super().__init__(trainable=False, **kwargs)
        if weights is None:
            _log.warning("VGG16: random filters (seed %d) stand in for trained ones", seed)
        else:
            _log.warning("VGG16: weights of %s", weights.origin)
        for_keras = weights is not None and weights.from_keras
        self._prepare = _prepare_keras if for_keras else _prepare_torch
        self._scale = KERAS_SCALE if for_keras else 1.0
        self._convolutions = []
        for index, (name, _, inputs, filters) in enumerate(LAYERS):
            if weights is None:
                kernel, bias = tf.keras.initializers.HeNormal(seed=seed + index), "zeros"
                inputs, filters = inputs if index == 0 else scaled(inputs, width), scaled(filters, width)
            else:
                kernel, bias = (tf.keras.initializers.Constant(array) for array in weights.arrays[name])
            layer = tf.keras.layers.Conv2D(
                filters,
                3,
                padding="same",
                activation="relu",
                kernel_initializer=kernel,
                bias_initializer=bias,
                trainable=False,
                name=name,
            )
            layer.build((None, None, None, inputs))
            self._convolutions.append(layer)

    def call(self, images: tf.Tensor) -> tf.Tensor:
        """RGB images `[B,H,W,3]` in [-1,1], H and W even -> relu2_1 `[B,H/2,W/2,128 * width]` float32."""
        check_map(type(self).__name__, images, multiple_of=2, channels=3)
        if shapes_will_do():
            batch, height, width, _ = images.shape
            return tf.zeros([batch, height // 2, width // 2, self._convolutions[2].filters])
        features = self._convolutions[2](tf.nn.max_pool2d(self._first_block(images), 2, 2, "VALID"))
        return tf.cast(features, tf.float32) / self._scale

    def relu1_2(self, images: tf.Tensor) -> tf.Tensor:
        """RGB images `[B,H,W,3]` in [-1,1] -> relu1_2 `[B,H,W,64 * width]` float32."""
        check_map(type(self).__name__, images, multiple_of=1, channels=3)
        return tf.cast(self._first_block(images), tf.float32) / self._scale

    def _first_block(self, images: tf.Tensor) -> tf.Tensor:
        first, second, _ = self._convolutions
        return second(first(self._prepare(images)))


def _prepare_torch(images: tf.Tensor) -> tf.Tensor:
    return (images - tf.constant(TORCH_MEAN, images.dtype)) / tf.constant(TORCH_STD, images.dtype)


def _prepare_keras(images: tf.Tensor) -> tf.Tensor:
    return (images[..., ::-1] + 1.0) * 127.5 - tf.constant(KERAS_MEAN_BGR, images.dtype)
