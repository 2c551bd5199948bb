"""LPIPS against a slow reference, and the file that its weights come from."""

from __future__ import annotations

import numpy as np
import pytest

from spt_tf.evaluation.lpips_network import LpipsNetwork
from spt_tf.evaluation.lpips_weights import LpipsWeightsError, choose_tensors, read_lpips_weights
from tests.evaluation.reference_lpips import ALEX, VGG, formula_tensors, reference_lpips
from tests.evaluation.sample_pairs import sample_pairs


@pytest.mark.parametrize(("network", "layers", "canvas"), [("alex", ALEX, (64, 48)), ("vgg", VGG, (34, 32))])
def test_equals_the_slow_reference(network, layers, canvas):
    tensors = formula_tensors(layers)
    pairs = sample_pairs(2, canvas)
    weights = choose_tensors(tensors, "formula")
    assert weights.network == network
    metric = LpipsNetwork(weights)
    found = metric(pairs["target"], pairs["generated"])
    expected = [reference_lpips(a, b, tensors, layers) for a, b in zip(pairs["target"], pairs["generated"])]
    np.testing.assert_allclose(found, expected, rtol=1e-4)
    assert min(expected) > 0.01
    assert metric(pairs["target"], pairs["target"]).tolist() == [0, 0]


def test_a_file_is_read_and_another_is_named(tmp_path):
    tensors = formula_tensors(ALEX)
    path = tmp_path / "lpips.npz"
    np.savez(path, **tensors, **{"classifier.1.weight": np.zeros(2)})
    read = read_lpips_weights(path)
    assert read.network == "alex" and set(read.tensors) == set(tensors)
    np.testing.assert_array_equal(read.tensors["lin4.model.1.weight"], tensors["lin4.model.1.weight"])
    lacking = {name: tensor for name, tensor in tensors.items() if name != "lin2.model.1.weight"}
    np.savez(path, **lacking)
    with pytest.raises(LpipsWeightsError, match=r"lpips\.npz.*lin2\.model\.1\.weight.*found nothing"):
        read_lpips_weights(path)
    with pytest.raises(LpipsWeightsError, match=r"AlexNet or VGG16, found one of shape \(64, 3, 7, 7\)"):
        choose_tensors({**tensors, "features.0.weight": np.zeros((64, 3, 7, 7))}, "resnet")
    with pytest.raises(LpipsWeightsError, match=r"features\.3\.bias holds"):
        choose_tensors({**tensors, "features.3.bias": np.full(192, np.nan, np.float32)}, "broken")
    path.write_bytes(b"PK\x03\x04 not really")
    with pytest.raises(LpipsWeightsError, match="not a readable"):
        read_lpips_weights(path)
    with pytest.raises(LpipsWeightsError, match="not a readable"):
        read_lpips_weights(tmp_path / "missing.npz")


def test_images_that_do_not_fit_are_named():
    metric = LpipsNetwork(choose_tensors(formula_tensors(ALEX), "formula"))
    with pytest.raises(ValueError, match="at least 32"):
        metric(np.zeros((1, 64, 31, 3), np.uint8), np.zeros((1, 64, 31, 3), np.uint8))
    with pytest.raises(ValueError, match=r"\[N,H,W,3\]"):
        metric(np.zeros((1, 64, 32, 3), np.uint8), np.zeros((2, 64, 32, 3), np.uint8))
