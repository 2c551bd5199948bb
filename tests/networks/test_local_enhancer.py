"""The local enhancer against the authors' generator, and its fade-in."""

from __future__ import annotations

import numpy as np
import pytest
import tensorflow as tf

from spt_tf.conversion.name_table import generator_table
from spt_tf.conversion.state_dict import to_ours
from spt_tf.conversion.weights import write_weights
from spt_tf.geometry.heatmaps import keypoint_heatmaps
from spt_tf.networks.local_enhancer import LocalEnhancer
from spt_tf.networks.two_stream_unet import TwoStreamUNet
from spt_tf.people import PoseTransfer
from tests.formula_weights import formula_state_dict
from tests.golden_arrays import golden, unpacked
from tests.networks.transfers import shift_right
from tests.shared_files import shared_golden


def _streams(arrays: dict[str, np.ndarray], half: bool) -> tuple[tf.Tensor, tf.Tensor, PoseTransfer]:
    suffix, step = ("_half", 2) if half else ("", 1)
    image = tf.cast(arrays[f"image{suffix}"][np.newaxis], tf.float32) / 127.5 - 1.0
    canvas = tuple(image.shape[1:3])
    labels, heatmaps = {}, {}
    for person in ("source", "target"):
        labels[person] = tf.one_hot(arrays[f"{person}_parsing"][np.newaxis, ::step, ::step], 10)[..., 1:]
        keypoints = arrays[f"{person}_keypoints{suffix}_yx"][np.newaxis].astype(np.float32)
        heatmaps[person] = keypoint_heatmaps(keypoints, canvas)
    appearance = tf.concat([image, labels["source"], heatmaps["source"]], axis=-1)
    # the authors' own order on this side, which their weights suppose: heatmaps first
    target = tf.concat([heatmaps["target"], labels["target"]], axis=-1)
    packed = f"masks_packed{suffix}"
    masks = unpacked(arrays[packed]) if packed in arrays else arrays[f"masks{suffix}"]
    masks = np.moveaxis(masks, 0, -1)[np.newaxis].astype(np.float32)
    transfer = PoseTransfer(tf.constant(arrays[f"transforms{suffix}"][np.newaxis]), tf.constant(masks))
    return appearance, target, transfer


@pytest.fixture(scope="module")
def authors():
    """The authors' whole generator, 61.5 million weights by formula."""
    enhancer, arrays = LocalEnhancer(TwoStreamUNet(3, "tanh")), golden("generator.npz")
    inputs = (*_streams(arrays, half=False), *_streams(arrays, half=True))
    tf.function(enhancer).get_concrete_function(*inputs, alpha=0.5)  # builds it without computing
    write_weights(enhancer, to_ours(formula_state_dict("generator"), generator_table()))
    return enhancer


@pytest.mark.parametrize("alpha", ["0", "0.5", "1"])
def test_images_are_the_authors_at_every_fade_in(authors, alpha):
    arrays = golden("generator.npz")
    image = authors(*_streams(arrays, half=False), *_streams(arrays, half=True), alpha=float(alpha))
    np.testing.assert_allclose(image[0], arrays[f"output_alpha_{alpha}"], atol=1e-4)


def test_images_are_the_authors_at_market_1501s_shape(authors):
    arrays = golden("generator_market_shape.npz")
    image = authors(*_streams(arrays, half=False), *_streams(arrays, half=True), alpha=0.5)
    np.testing.assert_allclose(image[0], arrays["output_enhanced_alpha_0.5"], atol=1e-4)


def test_the_global_network_alone_is_the_authors_at_market_1501s_shape(authors):
    arrays = golden("generator_market_shape.npz")
    streams = _streams(arrays, half=False)
    np.testing.assert_allclose(authors.global_network(*streams)[0], arrays["output"], atol=1e-4)
    # as the wrapped network of a canvas twice as large, of which nothing is seen at fade-in 0
    nothing = [tf.zeros([1, 256, 128, stream.shape[-1]]) for stream in streams[:2]]
    doubled = authors(*nothing, shift_right(1, (256, 128), 0.0), *streams, alpha=0.0)
    np.testing.assert_allclose(doubled[0, 1::4, 2::4], arrays["output_doubled_every_4th"], atol=1e-4)


@pytest.mark.slow
def test_images_of_a_photograph_are_the_authors(authors):
    arrays = shared_golden("generator_256.npz")
    inputs = (*_streams(arrays, half=False), *_streams(arrays, half=True))
    for alpha in ("0", "0.5", "1"):
        expected = arrays[f"output_alpha_{alpha}"]
        np.testing.assert_allclose(authors(*inputs, alpha=float(alpha))[0], expected, atol=1e-4)


@pytest.fixture
def small():
    enhancer = LocalEnhancer(TwoStreamUNet(3, "tanh", width=0.1, levels=3))
    inputs = []
    for canvas in ((16, 8), (8, 4)):
        inputs += [tf.random.normal([2, *canvas, 5]), tf.random.normal([2, *canvas, 4])]
        inputs.append(shift_right(2, canvas, 1.0))
    return enhancer, inputs


def test_at_alpha_0_nothing_of_the_enhancer_is_seen(small):
    enhancer, inputs = small
    before = enhancer(*inputs, alpha=0.0)
    changed = [tf.random.normal(inputs[0].shape), *inputs[1:]]
    np.testing.assert_allclose(enhancer(*changed, alpha=0.0), before, atol=1e-6)
    assert np.abs(enhancer(*changed, alpha=1.0) - enhancer(*inputs, alpha=1.0)).max() > 1e-4


def test_halves_of_another_size_are_refused(small):
    enhancer, inputs = small
    with pytest.raises(ValueError, match=r"appearance: .* is not half the size"):
        enhancer(*inputs[:3], *inputs[:3], alpha=0.5)


def test_what_has_no_share_is_left_out_without_a_change(small):
    enhancer, inputs = small
    assert len(enhancer(*inputs, alpha=1.0).shape) == 4  # the first call makes everything all the same
    made = {variable.name: variable for variable in enhancer.global_network.trainable_variables}
    assert any(variable.shape[0] == 3 for variable in made.values())
    known = tf.function(lambda: enhancer(*inputs, alpha=1.0)).get_concrete_function()
    unknown = tf.function(lambda share: enhancer(*inputs, alpha=share)).get_concrete_function(
        tf.TensorSpec([])
    )
    np.testing.assert_allclose(known(), unknown(tf.constant(1.0)), atol=1e-6)

    def convolutions(function):
        return sum(node.type == "Conv2D" for node in function.graph.get_operations())

    assert convolutions(known) == convolutions(unknown) - 3  # two first layers, the coarse head
