"""The semantic-aware style loss L_sty: each label's texture compared by Gram matrices (Section 3.2)."""

from __future__ import annotations

import tensorflow as tf

from spt_tf.anatomy import STYLE_LABELS
from spt_tf.losses.reduction import mean_squared_difference


def gram_matrix(features: tf.Tensor) -> tf.Tensor:
    """Products of channels averaged over pixels: `[B,h,w,C] -> [B,C,C]` float32."""
    everywhere = tf.ones_like(features[..., :1], dtype=tf.float32)
    return masked_gram_matrices(features, everywhere)[:, 0]


def masked_gram_matrices(features: tf.Tensor, masks: tf.Tensor) -> tf.Tensor:
    """The Gram matrix of the features times each mask: `[B,h,w,C]`, `[B,h,w,K] -> [B,K,C,C]` float32.

    Divided by the number of pixels h * w, whatever the mask covers. Masks may be soft, and get
    gradients too.
    """
    channels = features.shape[-1]
    pixels = features.shape[1] * features.shape[2]
    flat = tf.reshape(tf.cast(features, tf.float32), [-1, pixels, channels])
    # a mask enters both factors of each product, hence its square
    weights = tf.reshape(tf.square(tf.cast(masks, tf.float32)), [-1, pixels, masks.shape[-1]])
    return _weighted_products(flat, weights) / float(pixels)


@tf.custom_gradient
def _weighted_products(flat: tf.Tensor, weights: tf.Tensor):
    """`sum_n w_nk f_nc f_nd`: `[B,N,C]`, `[B,N,K] -> [B,K,C,C]`.

    With a gradient of its own because the automatic one keeps K weighted copies of the features and
    multiplies twice as often.
    """
    masks = tf.unstack(weights, axis=-1)
    products = [tf.matmul(flat * mask[..., tf.newaxis], flat, transpose_a=True) for mask in masks]

    def gradient(upstream: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
        upstream = upstream + tf.linalg.matrix_transpose(upstream)
        to_flat, to_weights = tf.zeros_like(flat), []
        for index, mask in enumerate(masks):
            pulled = tf.matmul(flat, upstream[:, index])  # [B,N,C]
            to_flat += mask[..., tf.newaxis] * pulled
            to_weights.append(0.5 * tf.reduce_sum(flat * pulled, axis=-1))
        return to_flat, tf.stack(to_weights, axis=-1)

    return tf.stack(products, axis=1), gradient


def style_label_grams(features: tf.Tensor, parsing: tf.Tensor) -> tf.Tensor:
    """The Gram matrix of each of `STYLE_LABELS`: `[B,h,w,C]`, `[B,H,W,10] -> [B,8,C,C]` float32.

    The parsing (one-hot or softmax) is average-pooled to the features' size, which must divide its own.
    """
    step = parsing.shape[1] // features.shape[1]
    if list(parsing.shape[1:3]) != [step * size for size in features.shape[1:3]]:
        raise ValueError(f"a parsing of {parsing.shape} does not pool to features of {features.shape}")
    labels = tf.cast(_style_labels(parsing), tf.float32)
    return masked_gram_matrices(features, tf.nn.avg_pool2d(labels, step, step, "VALID"))


def shared_labels(parsing_a: tf.Tensor, parsing_b: tf.Tensor) -> tf.Tensor:
    """Which of `STYLE_LABELS` both maps contain: two `[B,H,W,10] -> [B,8]` float32 in {0, 1}.

    A map contains a label where it gives some pixel at least half to it: any pixel of a one-hot map,
    but not the tail of a softmax, which would claim every label everywhere. No gradient.
    """
    contained = [
        tf.reduce_any(_style_labels(parsing) >= 0.5, axis=[1, 2]) for parsing in (parsing_a, parsing_b)
    ]
    return tf.cast(tf.logical_and(*contained), tf.float32)


def gram_distance(grams_a: tf.Tensor, grams_b: tf.Tensor, counts: tf.Tensor) -> tf.Tensor:
    """The mean squared difference of Gram matrices: two `[B,K,C,C]`, `[B,K] -> [B]` float32.

    counts: 1 where matrix k counts, 0 where not. The mean is over all K, counting or not.
    """
    counts = counts[:, :, tf.newaxis, tf.newaxis]
    return mean_squared_difference(counts * grams_a, counts * grams_b)


def semantic_style_loss(
    features_a: tf.Tensor, parsing_a: tf.Tensor, features_b: tf.Tensor, parsing_b: tf.Tensor
) -> tf.Tensor:
    """`sum_l || G(Lambda(I_a) (x) Psi_l(S_a)) - G(Lambda(I_b) (x) Psi_l(S_b)) ||^2` -> `[B]` float32.

    features: `[B,h,w,C]`. parsing: `[B,H,W,10]`, one-hot or softmax. As in the authors' code the sum
    over labels is a mean over labels and matrix elements; a label counts only where both maps contain it.
    """
    return gram_distance(
        style_label_grams(features_a, parsing_a),
        style_label_grams(features_b, parsing_b),
        shared_labels(parsing_a, parsing_b),
    )


def _style_labels(parsing: tf.Tensor) -> tf.Tensor:
    # the style labels are the last ones, so a slice does
    return parsing[..., STYLE_LABELS[0] : STYLE_LABELS[-1] + 1]
