"""VGG16's features from each kind of file, against the authors'."""

from __future__ import annotations

import logging
import pathlib

import h5py
import numpy as np
import pytest
import tensorflow as tf

from spt_tf.conversion.state_dict import our_kernel
from spt_tf.networks.vgg import VggFeatures
from spt_tf.training.vgg_weights import load_vgg_weights
from tests.data.legacy_torch_file import write_legacy_torch_file
from tests.formula_weights import StateDict, formula_state_dict, set_convolution
from tests.golden_arrays import golden, in_unit_range
from tests.keras_file import write_keras_file


def _truncated_keras_vgg(**kwargs) -> tf.keras.Model:
    whole = tf.keras.applications.VGG16(**{"weights": None, "include_top": False, **kwargs})
    return tf.keras.Model(whole.input, whole.get_layer("block2_conv1").output)


def _keras_features(network: tf.keras.Model, images: np.ndarray) -> np.ndarray:
    prepared = tf.keras.applications.vgg16.preprocess_input((np.array(images) + 1) * 127.5)
    # Keras's spread for a unit of [0,1] is 255, the authors' 2 / 0.226
    return network(prepared).numpy() / 255 * (2 / 0.226)


@pytest.fixture
def images() -> np.ndarray:
    return np.random.default_rng(0).uniform(-1, 1, [2, 8, 6, 3]).astype(np.float32)


def _loaded(name: str | pathlib.Path) -> VggFeatures:
    return VggFeatures(load_vgg_weights(str(name)))


def _torchvision(folder: pathlib.Path, state: StateDict) -> VggFeatures:
    """The network from a file like torchvision's, with these filters and some of the classifier's."""
    path = folder / "vgg16.pth"
    write_legacy_torch_file(path, {**state, "classifier.6.bias": np.zeros(1000, np.float32)})
    return _loaded(path)


def _write_for_keras(path: pathlib.Path, state: StateDict) -> None:
    """The same filters for Keras's input: BGR in 0..255 less its mean.

    A unit of [0,1] spans 2 / std in the authors' input and 255 in Keras's, where one std of 0.226 is taken
    for all colours; a bias grows as its input does.
    """
    arrays = {}
    for name, index in (("block1_conv1", 0), ("block1_conv2", 2), ("block2_conv1", 5)):
        kernel = our_kernel(state[f"features.{index}.weight"])
        if index == 0:
            kernel = (kernel * np.reshape(0.226 / np.array([0.229, 0.224, 0.225]), [3, 1]))[:, :, ::-1]
        bias = state[f"features.{index}.bias"] * (255 / (2 / 0.226))
        arrays[name] = {"kernel": kernel.astype(np.float32), "bias": bias.astype(np.float32)}
    write_keras_file(path, arrays)


def _check_authors_figures(network: VggFeatures, shift: np.ndarray | float = 0.0) -> None:
    arrays = golden("style.npz")
    for name in ("real_a", "fake_b", "fake_a"):
        features = network(in_unit_range(arrays[name]) + shift).numpy()
        expected = {key: arrays[f"relu2_1_{name}_{key}"] for key in ("mean", "mean_square", "patch")}
        np.testing.assert_allclose(features.mean((1, 2)), expected["mean"], rtol=1e-4, atol=1e-5)
        np.testing.assert_allclose((features**2).mean((1, 2)), expected["mean_square"], rtol=1e-4, atol=1e-5)
        np.testing.assert_allclose(features[:, 14:17, 14:17], expected["patch"], rtol=1e-4, atol=1e-5)


def test_features_are_the_authors():
    state, network = formula_state_dict("vgg"), VggFeatures()
    for layer, index in zip(network.layers, (0, 2, 5)):
        set_convolution(layer, state, f"features.{index}")
    _check_authors_figures(network)


def test_features_of_torchvisions_file_are_the_authors(tmp_path, caplog):
    with caplog.at_level(logging.WARNING):
        network = _torchvision(tmp_path, formula_state_dict("vgg"))
    assert "vgg16.pth" in caplog.text
    assert not network.trainable_variables
    _check_authors_figures(network)


def test_features_of_the_authors_filters_in_a_keras_file_are_the_authors(tmp_path):
    _write_for_keras(tmp_path / "vgg.h5", formula_state_dict("vgg"))
    # what either subtracts differs: the pictures are moved from the authors' zero to Keras's
    keras_mean = np.array([123.68, 116.779, 103.939]) / 127.5 - 1
    shift = keras_mean - np.array([0.485, 0.456, 0.406])
    _check_authors_figures(_loaded(tmp_path / "vgg.h5"), shift.astype(np.float32))


def test_where_only_the_spread_matters_either_layout_gives_the_same(tmp_path, images):
    state = formula_state_dict("vgg")
    for name in state:
        if name.endswith("bias"):
            state[name] = np.zeros_like(state[name])
    state["features.0.weight"] -= state["features.0.weight"].mean((2, 3), keepdims=True)
    _write_for_keras(tmp_path / "vgg.h5", state)
    pictures = np.tile(images, [1, 4, 4, 1])
    # but for the frame, where zeros stand for the mean that either subtracts
    inside = np.s_[:, 3:-3, 3:-3]
    of_theirs, of_keras = (
        network(pictures)[inside] for network in (_torchvision(tmp_path, state), _loaded(tmp_path / "vgg.h5"))
    )
    assert np.mean(of_theirs) > 0.1
    np.testing.assert_allclose(of_keras, of_theirs, rtol=1e-3, atol=1e-4)


def test_random_filters_are_the_seeds_frozen_and_announced(images, caplog):
    with caplog.at_level(logging.WARNING):
        first = VggFeatures(seed=3)
    assert "random filters" in caplog.text
    assert first(images).shape == (2, 4, 3, 128)
    np.testing.assert_array_equal(first(images), VggFeatures(seed=3)(images))
    assert np.any(first(images) != VggFeatures(seed=4)(images))
    assert not first.trainable_variables
    assert len(first.variables) == 6


def test_random_features_have_the_magnitude_of_their_input(images):
    # He's scaling: neither dying nor exploding
    assert 0.3 < np.sqrt(np.mean(np.square(VggFeatures()(images)))) < 5


def test_gradients_reach_the_image(images):
    network = VggFeatures()
    with tf.GradientTape() as tape:
        tape.watch(inputs := tf.constant(images))
        loss = tf.reduce_sum(network(inputs))
    assert np.any(tape.gradient(loss, inputs) != 0)


@pytest.mark.parametrize("whole_model", [False, True])
def test_a_keras_file_gives_keras_features_on_the_authors_scale(tmp_path, images, caplog, whole_model):
    reference = _truncated_keras_vgg()
    path = str(tmp_path / "vgg.h5")
    reference.save_weights(path)
    if whole_model:  # model.save() puts the same groups one level down
        with h5py.File(path, "r+") as file:
            names = list(file)
            for name in names:
                file.move(name, f"model_weights/{name}")
    with caplog.at_level(logging.WARNING):
        network = _loaded(path)
    assert path in caplog.text
    np.testing.assert_allclose(network(images), _keras_features(reference, images), rtol=1e-4, atol=1e-5)
    assert not network.trainable_variables


def test_imagenet_asks_keras_for_its_own_file(monkeypatch, images, caplog):
    asked, reference = [], _truncated_keras_vgg()

    def stand_in(**kwargs):
        asked.append(kwargs)
        return reference

    monkeypatch.setattr(tf.keras.applications, "VGG16", stand_in)
    with caplog.at_level(logging.WARNING):
        network = _loaded("imagenet")
    assert asked == [{"weights": "imagenet", "include_top": False}]
    assert "ImageNet" in caplog.text
    np.testing.assert_allclose(network(images), _keras_features(reference, images), rtol=1e-4, atol=1e-5)
