"""Files of VGG16's filters that cannot be used, each refused in one line that names it."""

from __future__ import annotations

import os

import h5py
import numpy as np
import pytest
import tensorflow as tf

from spt_tf.data.file_reading import MissingFile, UnreadableFile
from spt_tf.networks.vgg import LAYERS
from spt_tf.training.vgg_weights import VggDownloadError, load_vgg_weights, read_vgg
from tests.data.legacy_torch_file import write_legacy_torch_file
from tests.formula_weights import formula_state_dict
from tests.keras_file import write_keras_file

KERAS_LAYERS = {
    layer.name: {"W": np.ones([3, 3, layer.inputs, layer.filters]), "b": np.ones([layer.filters])}
    for layer in LAYERS
}


def test_a_damaged_file_is_one_line_that_names_it(tmp_path):
    path = tmp_path / "vgg.h5"
    write_keras_file(path, KERAS_LAYERS)
    assert read_vgg(str(path)).from_keras
    content = path.read_bytes()
    for signature in (b"SNOD", b"TREE", b"HEAP"):  # of HDF5's own structures
        assert signature in content
        path.write_bytes(content.replace(signature, b"????"))
        with pytest.raises(UnreadableFile, match=r"vgg\.h5: not a readable file") as told:
            read_vgg(str(path))
        assert "\n" not in str(told.value)


def test_what_is_no_file_is_refused_at_once(tmp_path):
    with pytest.raises(MissingFile, match=r"gone\.h5: no such file"):
        load_vgg_weights(str(tmp_path / "gone.h5"))
    os.mkfifo(tmp_path / "vgg.h5")  # nobody writes: opening it would wait for ever
    with pytest.raises(UnreadableFile, match=r"vgg\.h5: expected a file, found a pipe"):
        load_vgg_weights(str(tmp_path / "vgg.h5"))


def test_a_failed_download_is_one_clear_error(monkeypatch):
    def fail(**kwargs):
        raise Exception("URL fetch failure")

    monkeypatch.setattr(tf.keras.applications, "VGG16", fail)
    with pytest.raises(VggDownloadError, match=r"URL fetch failure.*--vgg_weights a local file, or 'random'"):
        load_vgg_weights("imagenet")


def test_keras_files_that_do_not_fit_are_refused_by_name(tmp_path):
    path = tmp_path / "weights.h5"
    path.write_text("no weights")
    with pytest.raises(UnreadableFile, match=r"weights\.h5: not a readable"):
        read_vgg(str(path))
    write_keras_file(path, {"conv1": {"kernel": np.zeros([3, 3, 3, 64])}})
    with pytest.raises(UnreadableFile, match=r"weights\.h5: has no layer block1_conv1"):
        read_vgg(str(path))
    write_keras_file(path, {"block1_conv1": {"W": np.zeros([3, 3, 3, 32]), "b": np.zeros([32])}})
    with pytest.raises(UnreadableFile, match=r"block1_conv1 holds .*32.*expected \(3, 3, 3, 64\)"):
        read_vgg(str(path))


def test_what_a_layer_holds_beside_its_filters_is_not_unpacked(tmp_path):
    path = tmp_path / "weights.h5"
    write_keras_file(path, KERAS_LAYERS)
    with h5py.File(path, "r+") as file:  # 8 TB of zeros
        file.create_dataset("block1_conv1/bomb", (2**40,), "f8", chunks=(2**20,), compression="gzip")
    kernel, bias = read_vgg(str(path)).arrays["block1_conv1"]
    assert kernel.shape == (3, 3, 3, 64) and bias.shape == (64,)


def test_state_dicts_that_do_not_fit_are_refused_by_name(tmp_path):
    path, state = tmp_path / "net.pth", formula_state_dict("vgg")
    write_legacy_torch_file(path, {"conv1.weight": np.zeros([64, 3, 7, 7], np.float32)})
    with pytest.raises(UnreadableFile, match=r"net\.pth: has no tensor features\.0\.weight.*torchvision"):
        read_vgg(str(path))
    write_legacy_torch_file(path, {**state, "features.2.weight": np.zeros([64, 64, 1, 1], np.float32)})
    with pytest.raises(UnreadableFile, match=r"net\.pth: features\.2\.weight is .*expected \(64, 64, 3, 3\)"):
        read_vgg(str(path))
