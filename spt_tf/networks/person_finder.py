"""Finds a person's parsing and joints in an image: one small trunk, two heads.

A residual U-Net whose first level keeps the full resolution: networks made for photographs of 512 pixels
begin by halving them twice, which of a person 64 pixels high leaves 16. Front and back are told by the whole
image, and only with that left and right: what the whole is like scales the channels of every decoder level
(Perez et al., "FiLM", 2018).
"""

from __future__ import annotations

from typing import NamedTuple

import tensorflow as tf

from spt_tf.anatomy import MIRRORED_JOINTS, NUM_JOINTS, NUM_LABELS
from spt_tf.geometry.mirror import mirror_soft_parsing

FILTERS = (16, 32, 64, 128, 192)  # of the encoder's levels, each half the size of the one before
STRIDE = 2 ** (len(FILTERS) - 1)
_DECODED = (32, 48, 64, 96)  # of the decoder's levels, the finest first
_MOMENTUM = 0.97  # of batch statistics: trainings are of thousands of steps


class Findings(NamedTuple):
    """What the network says of a batch of images.

    parsing: logits `[B,H,W,10]`. joints: logits `[B,H,W,18]` of where each joint is, for a softmax over
    pixels. presence: logits `[B,18]` of whether it is to be seen.
    """

    parsing: tf.Tensor
    joints: tf.Tensor
    presence: tf.Tensor


def person_finder(width: float = 1.0) -> tf.keras.Model:
    """The network, untrained: images `[B,H,W,3]` in [-1, 1] -> the three fields of `Findings`, float32.

    H and W: multiples of `STRIDE`, of any size. width: scale of the numbers of filters.
    """
    image = tf.keras.Input([None, None, 3], name="image")
    features, skips = image, list[tf.Tensor]()
    for level, filters in enumerate(_scaled(FILTERS, width)):
        # pooling, not strides, here and nearest neighbours on the way back: a mirrored image's is mirrored
        features = tf.keras.layers.AveragePooling2D()(features) if level else features
        features = _residual(features, filters)
        skips.append(features)
    mean = tf.keras.layers.GlobalAveragePooling2D(keepdims=True)(features)
    whole = tf.keras.layers.Conv2D(features.shape[-1], 1, activation="relu")(mean)
    features += whole
    deepest = features
    for filters, skip in zip(_scaled(_DECODED, width)[::-1], skips[-2::-1]):
        # narrowed before it grows: a quarter of the work
        upper = _doubled(tf.keras.layers.Conv2D(filters, 1, use_bias=False)(features))
        change = tf.keras.layers.Conv2D(filters, 1, kernel_initializer="zeros")(whole)
        joined = upper + tf.keras.layers.Conv2D(filters, 1)(skip)
        features = _residual(joined * (1.0 + change), filters)
    parsing = _head(features, NUM_LABELS, "parsing")
    joints, seen = _head(features, NUM_JOINTS, "joints"), _head(features, NUM_JOINTS, "seen")
    presence = _weighted_mean(seen, joints) + tf.keras.layers.Dense(NUM_JOINTS, dtype="float32")(
        tf.keras.layers.GlobalAveragePooling2D()(deepest)
    )
    return tf.keras.Model(image, Findings(parsing, joints, presence), name="person_finder")


def joint_probabilities(logits: tf.Tensor) -> tf.Tensor:
    """Softmax over the pixels of each joint's map: `[B,H,W,18]` -> the same, each map's sum 1."""
    shape = tf.shape(logits)
    flat = tf.nn.softmax(tf.reshape(logits, [shape[0], -1, NUM_JOINTS]), axis=1)
    return tf.reshape(flat, shape)


def mirrored_findings(found: Findings) -> Findings:
    """What was found in mirror images, as it would be in the images themselves: left and right change."""
    return Findings(
        mirror_soft_parsing(found.parsing),
        tf.gather(tf.reverse(found.joints, axis=[2]), MIRRORED_JOINTS, axis=-1),
        tf.gather(found.presence, MIRRORED_JOINTS, axis=-1),
    )


def _scaled(filters: tuple[int, ...], width: float) -> list[int]:
    return [max(4, round(width * count)) for count in filters]


def _doubled(features: tf.Tensor) -> tf.Tensor:
    """Each pixel four times; unlike that of UpSampling2D, its gradient is one that XLA knows."""
    return tf.nn.depth_to_space(tf.tile(features, [1, 1, 1, 4]), 2)


def _residual(features: tf.Tensor, filters: int) -> tf.Tensor:
    """Two 3x3 convolutions around a short cut (He et al. 2016)."""
    inner = tf.keras.layers.ReLU()(_normalized(features, filters))
    inner = _normalized(inner, filters)
    if features.shape[-1] != filters:
        features = tf.keras.layers.Conv2D(filters, 1)(features)
    return tf.keras.layers.ReLU()(inner + features)


def _normalized(features: tf.Tensor, filters: int) -> tf.Tensor:
    features = tf.keras.layers.Conv2D(filters, 3, padding="same", use_bias=False)(features)
    # over all replicas' examples, so that two of them learn what one does; slower, so only where there are
    several = tf.distribute.get_strategy().num_replicas_in_sync > 1
    return tf.keras.layers.BatchNormalization(momentum=_MOMENTUM, synchronized=several)(features)


def _head(features: tf.Tensor, channels: int, name: str) -> tf.Tensor:
    """Logits, in float32 whatever the precision of the trunk."""
    return tf.keras.layers.Conv2D(channels, 1, dtype="float32", name=name)(features)


def _weighted_mean(values: tf.Tensor, joints: tf.Tensor) -> tf.Tensor:
    """The mean of `values` over pixels, weighted by where each joint is: twice `[B,H,W,18]` -> `[B,18]`."""

    def mean(maps: list[tf.Tensor]) -> tf.Tensor:
        # a joint is looked for where it is, not where it would look present
        return tf.reduce_sum(maps[0] * tf.stop_gradient(joint_probabilities(maps[1])), axis=[1, 2])

    return tf.keras.layers.Lambda(mean, dtype="float32")([values, joints])
