"""The style loss L_sty: the texture of each region compared by Gram matrices (Section 3.2)."""

from __future__ import annotations

from collections.abc import Callable

import tensorflow as tf

from spt_tf.geometry.own_gradient import own_gradient
from spt_tf.losses.reduction import mean_squared_difference
from spt_tf.losses.style_regions import Regions


def style_loss(
    source_features: tf.Tensor,
    moved_features: tf.Tensor,
    mapped_back_features: tf.Tensor,
    source_regions: Regions,
    moved_regions: Regions,
    match_areas: bool = False,
) -> tf.Tensor:
    """L_sty of a cycle, `[B]` float32:

        sum_l || G(Lambda(I_ps) (x) Psi_l(S_ps)) - G(Lambda(I~_pt) (x) Psi_l(S~_pt)) ||^2
      + sum_l || G(Lambda(I~_ps) (x) Psi_l(S_ps)) - G(Lambda(I~_pt) (x) Psi_l(S~_pt)) ||^2

    As in the authors' code the sum over regions is a mean over regions and matrix elements; a region counts
    only where both sides contain it.

    source_features, moved_features, mapped_back_features: Lambda of I_ps, I~_pt and I~_ps, `[B,h,w,C]`.
    source_regions, moved_regions: the l of S_ps, which I~_ps has too, and those of S~_pt; or another kind
        of `style_regions`, for the paper's ablation. They get no gradient (ours; the paper does not say):
        H_S would redraw a garment's outline until its texture fits, measured to lead away from the true one.
    match_areas: compare as if a region covered as much of I~_pt as of I_ps (ours). G divides by all pixels,
        so of a garment that the pose makes smaller the authors' form asks for brighter pixels: speckles.
    """
    moved_grams = region_grams(moved_features, moved_regions)
    if match_areas:
        moved_grams *= area_ratios(source_regions, moved_regions)[:, :, tf.newaxis, tf.newaxis]
    shared = tf.cast(tf.logical_and(source_regions.present, moved_regions.present), tf.float32)
    return gram_distance(region_grams(source_features, source_regions), moved_grams, shared) + gram_distance(
        region_grams(mapped_back_features, source_regions), moved_grams, shared
    )


def area_ratios(source_regions: Regions, moved_regions: Regions) -> tf.Tensor:
    """How much larger each region is in the source than when moved, `[B,K]` float32 in [1/5, 5].

    Without a gradient, as the regions themselves.
    """
    source, moved = (
        tf.reduce_sum(tf.square(tf.cast(regions.masks, tf.float32)), axis=[1, 2])
        for regions in (source_regions, moved_regions)
    )
    limit = 5.0  # what is all but hidden in one of the poses says little
    return tf.stop_gradient(tf.clip_by_value(source / tf.maximum(moved, 1.0), 1.0 / limit, limit))


def gram_matrix(features: tf.Tensor) -> tf.Tensor:
    """Products of channels averaged over pixels: `[B,h,w,C] -> [B,C,C]` float32."""
    everywhere = tf.ones_like(features[..., :1], dtype=tf.float32)
    return masked_gram_matrices(features, everywhere)[:, 0]


def masked_gram_matrices(features: tf.Tensor, masks: tf.Tensor) -> tf.Tensor:
    """The Gram matrix of the features times each mask: `[B,h,w,C]`, `[B,h,w,K] -> [B,K,C,C]` float32.

    Divided by the number of pixels h * w, whatever the mask covers. Masks may be soft, and get no gradient.
    """
    channels = features.shape[-1]
    pixels = features.shape[1] * features.shape[2]
    flat = tf.reshape(tf.cast(features, tf.float32), [-1, pixels, channels])
    # a mask enters both factors of each product, hence its square
    weights = tf.reshape(tf.square(tf.cast(masks, tf.float32)), [-1, pixels, masks.shape[-1]])
    return _weighted_products(flat, weights) / float(pixels)


@own_gradient
def _weighted_products(flat: tf.Tensor, weights: tf.Tensor) -> tuple[tf.Tensor, Callable]:
    """`sum_n w_nk f_nc f_nd`: `[B,N,C]`, `[B,N,K] -> [B,K,C,C]`.

    With a gradient of its own, for `flat` alone, because the automatic one keeps K weighted copies of it and
    multiplies twice as often.
    """
    masks = tf.unstack(weights, axis=-1)
    products = [tf.matmul(flat * mask[..., tf.newaxis], flat, transpose_a=True) for mask in masks]

    def gradient(upstream: tf.Tensor) -> tuple[tf.Tensor, None]:
        upstream = upstream + tf.linalg.matrix_transpose(upstream)
        to_flat = tf.zeros_like(flat)
        for index, mask in enumerate(masks):
            to_flat += mask[..., tf.newaxis] * tf.matmul(flat, upstream[:, index])
        return to_flat, None

    return tf.stack(products, axis=1), gradient


def region_grams(features: tf.Tensor, regions: Regions) -> tf.Tensor:
    """The Gram matrix of each region: `[B,h,w,C]`, K regions of `[B,H,W]` -> `[B,K,C,C]` float32.

    The masks are average-pooled to the features' size, which must divide their own.
    """
    masks = regions.masks
    step = masks.shape[1] // features.shape[1]
    if list(masks.shape[1:3]) != [step * size for size in features.shape[1:3]]:
        raise ValueError(f"regions of {masks.shape} do not pool to features of {features.shape}")
    return masked_gram_matrices(features, tf.nn.avg_pool2d(tf.cast(masks, tf.float32), step, step, "VALID"))


def gram_distance(grams_a: tf.Tensor, grams_b: tf.Tensor, counts: tf.Tensor) -> tf.Tensor:
    """The mean squared difference of Gram matrices: two `[B,K,C,C]`, `[B,K] -> [B]` float32.

    counts: 1 where matrix k counts, 0 where not. The mean is over all K, counting or not.
    """
    counts = counts[:, :, tf.newaxis, tf.newaxis]
    return mean_squared_difference(counts * grams_a, counts * grams_b)
