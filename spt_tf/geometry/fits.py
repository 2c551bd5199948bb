"""Least-squares maps between two sets of points, weighted, batched, and safe where they do not exist.

A map takes target points to source points. It is float32 `[..., 6]`: (a0, a1, a2, b0, b1, b2) with
x_src = a0 x + a1 y + a2 and y_src = b0 x + b1 y + b2.
"""

from __future__ import annotations

import tensorflow as tf


def to_map(linear: tf.Tensor, source: tf.Tensor, target: tf.Tensor) -> tf.Tensor:
    """The map with a given linear part that takes one given target point to one given source point.

    Args:
        linear: `[..., 2, 2]`, source (y, x) by target (y, x).
        source, target: `[..., 2]`, (y, x).

    Returns:
        `[..., 6]`.
    """
    shift = source - tf.linalg.matvec(linear, target)
    yy, yx = linear[..., 0, 0], linear[..., 0, 1]
    xy, xx = linear[..., 1, 0], linear[..., 1, 1]
    return tf.stack([xx, xy, shift[..., 1], yx, yy, shift[..., 0]], axis=-1)


def _centred(points: tf.Tensor, weights: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
    """Weighted mean `[B,2]`, and the points relative to it, zero where their weight is 0, `[B,K,2]`."""
    weights = weights[..., tf.newaxis]
    mean = tf.math.divide_no_nan(tf.reduce_sum(weights * points, axis=1), tf.reduce_sum(weights, axis=1))
    return mean, weights * (points - mean[:, tf.newaxis])


def _determinant(matrices: tf.Tensor) -> tf.Tensor:
    """Determinants of `[B,2,2]`; XLA has no tf.linalg.det."""
    return matrices[:, 0, 0] * matrices[:, 1, 1] - matrices[:, 0, 1] * matrices[:, 1, 0]


def fit_affine(source: tf.Tensor, target: tf.Tensor, weights: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
    """The affine map that best takes target points to source points, in the sense of total least squares.

    The published fits (scikit-image's) bring both sets to one scale and minimise |A target + s source| over
    unit vectors (A, s). With five head joints a plain least squares was up to 4 px away from that at the
    picture's corners.

    Args:
        source, target: float32 `[B,K,2]`, (y, x).
        weights: float32 `[B,K]` in {0, 1}, which points count.

    Returns:
        map `[B,6]`, and bool `[B]`: the points span the plane in both sets, so that the map exists.
    """
    source_mean, source = _centred(source, weights)
    target_mean, target = _centred(target, weights)
    source_scale, target_scale = (tf.norm(v, axis=[1, 2], keepdims=True) for v in (source, target))
    p = tf.cast(tf.math.divide_no_nan(target, target_scale), tf.float64)  # [B, K, 2]
    q = tf.cast(tf.math.divide_no_nan(source, source_scale), tf.float64)
    scatter = tf.matmul(p, p, transpose_a=True)  # [B, 2, 2]
    cross = tf.matmul(p, q, transpose_a=True)  # [B, 2, 2], target by source coordinate
    total = tf.reduce_sum(q**2, axis=[1, 2])[:, tf.newaxis, tf.newaxis]
    none = tf.zeros_like(scatter)
    gram = tf.concat(
        [
            tf.concat([scatter, none, cross[:, :, :1]], axis=2),
            tf.concat([none, scatter, cross[:, :, 1:]], axis=2),
            tf.concat(
                [tf.linalg.matrix_transpose(tf.concat([cross[:, :, :1], cross[:, :, 1:]], 1)), total], 2
            ),
        ],
        axis=1,
    )  # [B, 5, 5]
    least = tf.linalg.eigh(gram)[1][:, :, 0]
    # Source points on one line leave no determinant but rounding noise, target points on one line no s.
    exists = (_determinant(tf.matmul(q, q, transpose_a=True)) > 1e-6) & (tf.abs(least[:, 4]) > 1e-6)
    normalised = tf.math.divide_no_nan(-least[:, :4], least[:, 4:])
    linear = tf.cast(tf.reshape(normalised, [-1, 2, 2]), tf.float32)
    linear *= tf.math.divide_no_nan(source_scale, target_scale)
    return to_map(linear, source_mean, target_mean), exists


def fit_similarity(source: tf.Tensor, target: tf.Tensor, weights: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
    """The rotation, scale and shift that best take target points to source points (Umeyama 1991, in 2-D).

    Arguments and results as `fit_affine`; it exists where two points are apart in both sets.
    """
    source_mean, source = _centred(source, weights)
    target_mean, target = _centred(target, weights)
    spread = tf.reduce_sum(target**2, axis=[1, 2])
    exists = (spread > 0) & (tf.reduce_sum(source**2, axis=[1, 2]) > 0)
    cosine = tf.math.divide_no_nan(tf.reduce_sum(source * target, axis=[1, 2]), spread)
    sine = tf.reduce_sum(source[..., 1] * target[..., 0] - source[..., 0] * target[..., 1], axis=1)
    sine = tf.math.divide_no_nan(sine, spread)
    linear = tf.stack([tf.stack([cosine, -sine], -1), tf.stack([sine, cosine], -1)], axis=1)
    return to_map(linear, source_mean, target_mean), exists
