from __future__ import annotations

import logging

import h5py
import numpy as np
import pytest
import tensorflow as tf

from spt_tf.networks.vgg import KERAS_SCALE, VggFeatures
from spt_tf.networks.vgg_weights import VggWeightsError
from tests.formula_weights import formula_state_dict, set_convolution
from tests.shared_files import golden


def _truncated_keras_vgg(**kwargs) -> tf.keras.Model:
    whole = tf.keras.applications.VGG16(**{"weights": None, "include_top": False, **kwargs})
    return tf.keras.Model(whole.input, whole.get_layer("block2_conv1").output)


def _keras_features(network: tf.keras.Model, images: np.ndarray) -> np.ndarray:
    prepared = tf.keras.applications.vgg16.preprocess_input((np.array(images) + 1) * 127.5)
    return network(prepared).numpy() / KERAS_SCALE


@pytest.fixture
def images() -> np.ndarray:
    return np.random.default_rng(0).uniform(-1, 1, [2, 8, 6, 3]).astype(np.float32)


def test_features_are_the_authors():
    arrays, state = golden("style_256.npz"), formula_state_dict("vgg")
    network = VggFeatures("random")
    for layer, index in zip(network.layers, (0, 2, 5)):
        set_convolution(layer, state, f"features.{index}")
    features = network(arrays["real_a"]).numpy()
    np.testing.assert_allclose(features.mean((1, 2)), arrays["relu2_1_real_a_mean"], rtol=1e-4)
    patch = features[:, 60:64, 60:64]
    np.testing.assert_allclose(patch, arrays["relu2_1_real_a_patch"], rtol=1e-4, atol=1e-5)


def test_random_filters_are_the_seeds_frozen_and_announced(images, caplog):
    with caplog.at_level(logging.WARNING):
        first = VggFeatures("random", seed=3)
    assert "random filters" in caplog.text
    assert first(images).shape == (2, 4, 3, 128)
    np.testing.assert_array_equal(first(images), VggFeatures("random", seed=3)(images))
    assert np.any(first(images) != VggFeatures("random", seed=4)(images))
    assert not first.trainable_variables
    assert len(first.variables) == 6


def test_random_features_have_the_magnitude_of_their_input(images):
    # He's scaling: neither dying nor exploding
    assert 0.3 < np.sqrt(np.mean(np.square(VggFeatures("random")(images)))) < 5


def test_gradients_reach_the_image(images):
    network = VggFeatures("random")
    with tf.GradientTape() as tape:
        tape.watch(inputs := tf.constant(images))
        loss = tf.reduce_sum(network(inputs))
    assert np.any(tape.gradient(loss, inputs) != 0)


@pytest.mark.parametrize("whole_model", [False, True])
def test_a_keras_file_gives_keras_features_on_torchvisions_scale(tmp_path, images, caplog, whole_model):
    reference = _truncated_keras_vgg()
    path = str(tmp_path / "vgg.h5")
    reference.save_weights(path)
    if whole_model:  # model.save() puts the same groups one level down
        with h5py.File(path, "r+") as file:
            names = list(file)
            for name in names:
                file.move(name, f"model_weights/{name}")
    with caplog.at_level(logging.WARNING):
        network = VggFeatures(path)
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
        network = VggFeatures("imagenet")
    assert asked == [{"weights": "imagenet", "include_top": False}]
    assert "ImageNet" in caplog.text
    np.testing.assert_allclose(network(images), _keras_features(reference, images), rtol=1e-4, atol=1e-5)


def test_a_failed_download_is_one_clear_error(monkeypatch):
    def fail(**kwargs):
        raise Exception("URL fetch failure")

    monkeypatch.setattr(tf.keras.applications, "VGG16", fail)
    with pytest.raises(VggWeightsError, match=r"URL fetch failure.*local file, or 'random'"):
        VggFeatures("imagenet")


def _write(path, groups: dict[str, dict[str, np.ndarray]]) -> None:
    with h5py.File(path, "w") as file:
        for group, arrays in groups.items():
            for name, array in arrays.items():
                file[f"{group}/{name}"] = array


def test_files_that_do_not_fit_are_refused_by_name(tmp_path):
    path = tmp_path / "weights.h5"
    with pytest.raises(VggWeightsError, match=r"weights\.h5: not a readable"):
        VggFeatures(str(path))
    path.write_text("no weights")
    with pytest.raises(VggWeightsError, match=r"weights\.h5: not a readable"):
        VggFeatures(str(path))
    _write(path, {"conv1": {"kernel": np.zeros([3, 3, 3, 64])}})
    with pytest.raises(VggWeightsError, match=r"weights\.h5: has no layer block1_conv1"):
        VggFeatures(str(path))
    _write(path, {"block1_conv1": {"W": np.zeros([3, 3, 3, 32]), "b": np.zeros([32])}})
    with pytest.raises(VggWeightsError, match=r"block1_conv1 holds .*32.*expected \(3, 3, 3, 64\)"):
        VggFeatures(str(path))
