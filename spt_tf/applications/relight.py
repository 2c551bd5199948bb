"""Transferred garments in the light of the person who puts them on (ours; the paper draws by H_A alone).

H_A takes a garment's colours from A together with the light and the folds of A's photo, and adds speckles to
plain cloth. So each garment keeps what only H_A knows, its pattern in B's pose, and takes the rest from where
it is known: its mean colour from A, light and folds from B's photo, and no more contrast than it has on A.
"""

from __future__ import annotations

import math

import tensorflow as tf

_SIGMA = 1 / 64  # of the canvas's height: slower changes are light, faster ones pattern
_DARKEST, _BRIGHTEST = 0.6, 1.5  # of B's mean light: beyond is B's own pattern
_LEAST = 1e-6


def relit_garments(
    drawn: tf.Tensor,
    wearer: tf.Tensor,
    wearer_parsing: tf.Tensor,
    source: tf.Tensor,
    source_parsing: tf.Tensor,
) -> tf.Tensor:
    """Every label's region of a drawn picture in the wearer's light.

    Args:
        drawn: float32 `[B,H,W,3]`, 0..255, the source on the wearer's map by H_A.
        wearer, wearer_parsing: B's photo likewise, and map, one-hot `[B,H,W,L]`.
        source, source_parsing: A's.

    Returns:
        float32 `[B,H,W,3]`, 0..255. A label that A lacks is black there.
    """
    regions = wearer_parsing
    colour = _means(source, source_parsing)  # [B, L, 3]
    sigma = _SIGMA * drawn.shape[1]
    grey = tf.reduce_mean(wearer, axis=-1, keepdims=True)
    light = _smoothed(grey, regions, sigma) / tf.maximum(_means(grey, regions), 1.0)[:, None, None]
    light = tf.clip_by_value(light, _DARKEST, _BRIGHTEST)  # [B, H, W, L, 1]
    detail = drawn[..., tf.newaxis, :] - _smoothed(drawn, regions, sigma)
    worn_detail = source[..., tf.newaxis, :] - _smoothed(source, source_parsing, sigma)
    contrast = _spread(worn_detail, source_parsing) / tf.maximum(_spread(detail, regions), _LEAST)
    gain = tf.minimum(contrast, 1.0) ** 2
    made = colour[:, None, None] * light + gain[:, None, None, :, tf.newaxis] * detail
    shares = regions[..., tf.newaxis]
    made += (colour - _mean_of_each(made, regions))[:, None, None]
    return tf.clip_by_value(tf.reduce_sum(made * shares, axis=-2), 0.0, 255.0)


def _means(image: tf.Tensor, regions: tf.Tensor) -> tf.Tensor:
    """Mean of `[B,H,W,C]` over each region of `[B,H,W,L]`: `[B,L,C]`."""
    sums = tf.einsum("bhwc,bhwl->blc", image, regions)
    return sums / tf.maximum(tf.reduce_sum(regions, axis=[1, 2]), 1.0)[..., tf.newaxis]


def _mean_of_each(values: tf.Tensor, regions: tf.Tensor) -> tf.Tensor:
    """Mean of `[B,H,W,L,C]` over the region of each L: `[B,L,C]`."""
    sums = tf.reduce_sum(values * regions[..., tf.newaxis], axis=[1, 2])
    return sums / tf.maximum(tf.reduce_sum(regions, axis=[1, 2]), 1.0)[..., tf.newaxis]


def _spread(values: tf.Tensor, regions: tf.Tensor) -> tf.Tensor:
    """Root of the mean square of `[B,H,W,L,C]` over the region of each L: `[B,L]`."""
    return tf.sqrt(tf.reduce_mean(_mean_of_each(tf.square(values), regions), axis=-1))


def _smoothed(image: tf.Tensor, regions: tf.Tensor, sigma: float) -> tf.Tensor:
    """Each region's Gaussian average, of its own pixels alone: `[B,H,W,C]` -> `[B,H,W,L,C]`."""
    height, width, channels = image.shape[1:]
    labels = regions.shape[-1]
    apart = image[..., tf.newaxis, :] * regions[..., tf.newaxis]
    flat = tf.concat([tf.reshape(apart, [-1, height, width, labels * channels]), regions], axis=-1)
    blurred = _blurred(flat, sigma)
    sums = tf.reshape(blurred[..., : labels * channels], [-1, height, width, labels, channels])
    return sums / tf.maximum(blurred[..., labels * channels :, tf.newaxis], _LEAST)


def _blurred(maps: tf.Tensor, sigma: float) -> tf.Tensor:
    """Gaussian blur of `[B,H,W,C]` with zeros outside."""
    reach = math.ceil(3 * sigma)
    weights = tf.exp(-0.5 * tf.square(tf.range(-reach, reach + 1, dtype=tf.float32) / sigma))
    weights /= tf.reduce_sum(weights)
    for shape in ([-1, 1, 1, 1], [1, -1, 1, 1]):
        kernel = tf.tile(tf.reshape(weights, shape), [1, 1, maps.shape[-1], 1])
        maps = tf.nn.depthwise_conv2d(maps, kernel, [1, 1, 1, 1], "SAME")
    return maps
