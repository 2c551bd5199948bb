"""The style loss against the authors' numbers, its Gram matrices and their gradient."""

from __future__ import annotations

import numpy as np
import pytest
import tensorflow as tf

from spt_tf.anatomy import NUM_LABELS
from spt_tf.losses.style import (
    area_ratios,
    gram_distance,
    gram_matrix,
    masked_gram_matrices,
    region_grams,
    style_loss,
)
from spt_tf.losses.style_regions import label_regions
from spt_tf.networks.vgg import VggFeatures
from tests.formula_weights import formula_state_dict, set_convolution
from tests.golden_arrays import golden, in_unit_range


def _slow_grams(features: tf.Tensor, masks: tf.Tensor) -> tf.Tensor:
    """The definition, by automatic differentiation: G(features (x) mask) / pixels, mask by mask."""
    pixels = float(features.shape[1] * features.shape[2])
    grams = []
    for k in range(masks.shape[-1]):
        masked = features * masks[..., k : k + 1]
        grams.append(tf.einsum("bhwc,bhwd->bcd", masked, masked) / pixels)
    return tf.stack(grams, axis=1)


@pytest.fixture
def features_and_masks():
    return tf.random.normal([2, 3, 5, 4]), tf.random.uniform([2, 3, 5, 6])


def _authors_features(arrays: dict[str, np.ndarray]) -> dict[str, tf.Tensor]:
    state, network = formula_state_dict("vgg"), VggFeatures()
    for layer, index in zip(network.layers, (0, 2, 5)):
        set_convolution(layer, state, f"features.{index}")
    return {name: network(in_unit_range(arrays[name])) for name in ("real_a", "fake_b", "fake_a")}


def test_style_terms_grams_and_visibility_are_the_authors():
    arrays = golden("style.npz")
    features = _authors_features(arrays)
    regions = {name: label_regions(tf.one_hot(arrays[f"labels_{name}"], NUM_LABELS)) for name in "ab"}
    grams = region_grams(features["real_a"], regions["a"]).numpy()
    np.testing.assert_allclose(grams[0, :, ::2, ::2], arrays["gram_real_a_every_2nd"], rtol=1e-4, atol=1e-5)
    norms = np.linalg.norm(grams, axis=(2, 3))
    np.testing.assert_allclose(norms, arrays["gram_real_a_norm"], rtol=1e-4, atol=1e-5)
    both = np.logical_and(regions["a"].present, regions["b"].present)
    np.testing.assert_array_equal(both, arrays["visibility"] > 0)
    terms = {name: arrays[f"style_{name}_fake_b_per_image"] for name in ("real_a", "fake_a")}
    for source, returned in (("real_a", "fake_a"), ("real_a", "real_a"), ("fake_a", "fake_a")):
        loss = style_loss(
            features[source], features["fake_b"], features[returned], regions["a"], regions["b"]
        )
        np.testing.assert_allclose(loss, terms[source] + terms[returned], rtol=1e-5)


def test_a_label_of_single_pixels_counts_in_full_where_the_authors_weigh_it_down():
    # they average-pool the masks before they take the maximum ("Thin labels", tests/golden/README.md)
    arrays = golden("style.npz")
    features = {name: first[:1] for name, first in _authors_features(arrays).items()}
    regions = {name: label_regions(tf.one_hot(arrays[f"thin_labels_{name}"], NUM_LABELS)) for name in "ab"}
    both = np.logical_and(regions["a"].present, regions["b"].present)
    np.testing.assert_array_equal(both, arrays["thin_visibility"] > 0)
    assert np.any(arrays["thin_visibility"][both] < 1)
    ours = style_loss(features["real_a"], features["fake_b"], features["fake_a"], regions["a"], regions["b"])
    theirs = arrays["thin_style_real_a_fake_b"] + arrays["thin_style_fake_a_fake_b"]
    assert float(ours[0]) == pytest.approx(1.14 * theirs, rel=0.005)


def test_grams_under_soft_masks_and_of_the_whole_map_are_the_authors():
    arrays = golden("losses.npz")
    features = arrays["gram_features"]
    grams = masked_gram_matrices(features, arrays["gram_masks"])
    np.testing.assert_allclose(grams, arrays["grams"], atol=1e-5)
    np.testing.assert_allclose(gram_matrix(features), arrays["gram_whole"], atol=1e-5)


def test_gram_matrix_averages_products_over_pixels():
    features = tf.constant([[[[1.0, 2.0]], [[3.0, 0.0]]]])
    np.testing.assert_allclose(gram_matrix(features), [[[5.0, 1.0], [1.0, 2.0]]])


def test_masked_grams_and_their_gradient_are_the_definitions(features_and_masks):
    weights = tf.random.normal([2, 6, 4, 4])  # not symmetric: the gradient must not suppose it
    features, masks = features_and_masks
    results = []
    for grams in (masked_gram_matrices, _slow_grams):
        with tf.GradientTape() as tape:
            tape.watch(features)
            out = grams(features, masks)
            loss = tf.reduce_sum(out * weights)
        results.append([out, tape.gradient(loss, features)])
    for fast, slow in zip(*results):
        np.testing.assert_allclose(fast, slow, rtol=1e-4, atol=1e-5)


def test_a_smaller_garment_of_the_same_cloth_costs_nothing_where_areas_are_matched():
    cloth = tf.constant([0.7, -1.2, 0.4])
    wide, narrow = np.zeros([2, 1, 4, 8, 10], np.float32)
    wide[..., :8, 3], narrow[..., :4, 3] = 1.0, 1.0  # 32 pixels of upper clothes, and 16
    features = tf.broadcast_to(cloth, [1, 4, 8, 3])
    regions = label_regions(tf.constant(wide)), label_regions(tf.constant(narrow))
    costs = [style_loss(features, features, features, *regions, match_areas=match) for match in (False, True)]
    assert float(costs[0][0]) > 1e-3 and float(costs[1][0]) == pytest.approx(0.0, abs=1e-8)
    brighter = style_loss(features, 2**0.5 * features, features, *regions)
    assert float(brighter[0]) == pytest.approx(0.0, abs=1e-8)  # what the authors' form asks for


def test_area_ratios_are_bounded_and_teach_the_parsing_nothing():
    wide, narrow = tf.ones([1, 8, 8, 10]) * 0.9, tf.one_hot(tf.fill([1, 8, 8], 3), 10)
    with tf.GradientTape() as tape:
        tape.watch(wide)
        ratios = area_ratios(label_regions(narrow), label_regions(wide))
    np.testing.assert_allclose(ratios[0], [0.2, 1 / 0.81, *[0.2] * 6], rtol=1e-5)
    assert tape.gradient(ratios, wide) is None


def test_float16_features_give_float32_grams():
    grams = masked_gram_matrices(tf.fill([1, 2, 2, 1], tf.constant(300.0, tf.float16)), tf.ones([1, 2, 2, 1]))
    assert grams.dtype == tf.float32
    assert grams.numpy().ravel().tolist() == [90000.0]  # above float16's 65504


def test_gram_distance_is_a_mean_over_all_matrices_counting_or_not():
    grams = tf.reshape(tf.range(16.0), [1, 4, 2, 2])
    distance = gram_distance(grams, grams + 2.0, tf.constant([[1.0, 0.0, 0.0, 0.0]]))
    np.testing.assert_allclose(distance, [1.0])  # 4 of 16 elements differ by 2


def test_gradients_flow_into_features_and_not_into_a_soft_parsing():
    parsing = tf.one_hot(tf.random.uniform([1, 4, 4], maxval=10, dtype=tf.int32), 10)
    soft = tf.nn.softmax(6.0 * parsing)
    features = tf.random.normal([2, 1, 2, 2, 3])
    with tf.GradientTape() as tape:
        tape.watch([features, soft])
        loss = style_loss(features[0], features[1], features[0], label_regions(parsing), label_regions(soft))
    to_features, to_parsing = tape.gradient(loss, [features, soft])
    assert np.any(to_features != 0)
    assert to_parsing is None


def test_regions_that_do_not_pool_to_the_features_are_refused():
    with pytest.raises(ValueError, match="do not pool"):
        region_grams(tf.zeros([1, 4, 4, 2]), label_regions(tf.zeros([1, 8, 6, 10])))


def test_a_region_counts_where_both_sides_contain_it():
    here, there = (label_regions(tf.one_hot(labels, 10)) for labels in ([[[2, 3]]], [[[2, 4]]]))
    features = tf.constant([[[[1.0], [5.0]]]])
    # label 2 alone is shared: Gram 1/2 against 4/2 of the moved image, 1 of 8 labels, twice
    loss = style_loss(features, 2.0 * features, features, here, there)
    np.testing.assert_allclose(loss, [2 * (0.5 - 2.0) ** 2 / 8])
