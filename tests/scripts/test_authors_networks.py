"""The PyTorch networks that the bench measures are the authors'."""

from __future__ import annotations

import numpy as np
import pytest

from tests.formula_weights import formula_state_dict
from tests.golden_arrays import golden, in_unit_range, unpacked

torch = pytest.importorskip("torch", reason="needs PyTorch: pip install -r requirements-torch.txt")

from scripts.bench import authors_networks  # noqa: E402


def _tensor(array):
    return torch.tensor(np.ascontiguousarray(array), dtype=torch.float32)


def _heatmaps(keypoints, side):
    y, x = np.mgrid[:side, :side]
    maps = [np.exp(-((y - ky) ** 2 + (x - kx) ** 2) / 72.0) * (ky >= 0) for ky, kx in keypoints]
    return np.stack(maps)


def _streams(arrays, half):
    suffix, step = ("_half", 2) if half else ("", 1)
    image = np.moveaxis(in_unit_range(arrays[f"image{suffix}"]), -1, 0)
    labels, heatmaps = {}, {}
    for person in ("source", "target"):
        labels[person] = np.moveaxis(np.eye(10)[arrays[f"{person}_parsing"][::step, ::step]][..., 1:], -1, 0)
        heatmaps[person] = _heatmaps(arrays[f"{person}_keypoints{suffix}_yx"], image.shape[1])
    appearance = np.concatenate([image, labels["source"], heatmaps["source"]])
    target = np.concatenate([heatmaps["target"], labels["target"]])
    transforms, masks = arrays[f"transforms{suffix}"], unpacked(arrays[f"masks_packed{suffix}"])
    transfer = authors_networks.Transfer(_tensor(transforms[np.newaxis]), _tensor(masks[np.newaxis]))
    return _tensor(appearance[np.newaxis]), _tensor(target[np.newaxis]), transfer


def test_the_generator_it_measures_is_the_authors():
    arrays, generator = golden("generator.npz"), authors_networks.Generator().eval()
    state = formula_state_dict("generator")
    generator.load_state_dict({name: torch.tensor(values) for name, values in state.items()})
    for alpha in ("0", "0.5", "1"):
        with torch.no_grad():
            image = generator(_streams(arrays, False), _streams(arrays, True), float(alpha))[0]
        np.testing.assert_allclose(image.permute(1, 2, 0), arrays[f"output_alpha_{alpha}"], atol=1e-4)


def test_the_pose_detector_it_measures_is_the_authors():
    arrays, detector = golden("pose_detector.npz"), authors_networks.pose_detector()
    state = {
        name.removeprefix("model."): torch.tensor(values)
        for name, values in formula_state_dict("pose_detector").items()
        if "running" not in name and "num_batches" not in name
    }
    assert not detector.load_state_dict(state, strict=False).unexpected_keys
    with torch.no_grad():
        heatmaps = detector(_tensor(np.moveaxis(arrays["inputs"], -1, 1)))
    np.testing.assert_allclose(heatmaps.permute(0, 2, 3, 1), arrays["outputs"], atol=1e-4)
