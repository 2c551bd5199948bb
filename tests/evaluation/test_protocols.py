"""SSIM and mask-SSIM by the papers' scripts, against the peers' values."""

from __future__ import annotations

import numpy as np
import pytest

from spt_tf.evaluation import protocols
from tests.evaluation.reference_scoring import mask_of_pose, ssim_of_pair
from tests.evaluation.sample_pairs import sample_pairs
from tests.golden_arrays import metric_golden

FILES = ["ssim.npz", "ssim_market.npz", "synthetic.npz"]
VALUES = [
    ("spt", "ssim", 1e-9),
    ("spt_11tap", "ssim_11tap", 1e-9),
    ("pg2", "ssim_pg2", 1e-9),
    ("patn", "ssim_patn_pad", 1e-9),
    ("patn_11tap", "ssim_patn_pad_11tap", 1e-9),
    ("gfla", "ssim_gfla_win51", 1e-5),
]
MASKED = [("spt", "mask_ssim"), ("spt_11tap", "mask_ssim_11tap"), ("pg2", "mask_ssim_pg2")]


@pytest.mark.parametrize("name", FILES)
def test_ssim_equals_the_peers(name):
    arrays = metric_golden(name)
    checked = 0
    for protocol, key, tolerance in VALUES:
        if key in arrays:
            values = protocols.ssim(arrays["target"], arrays["generated"], protocol)
            np.testing.assert_allclose(values, arrays[key], atol=tolerance, rtol=0, err_msg=protocol)
            checked += 1
    assert checked >= 2


@pytest.mark.parametrize("name", FILES)
def test_mask_ssim_equals_the_peers(name):
    arrays = metric_golden(name)
    checked = 0
    for protocol, key in MASKED:
        if key in arrays:
            values = protocols.mask_ssim(
                arrays["target"], arrays["generated"], arrays["keypoints_yx"], protocol
            )
            np.testing.assert_allclose(values, arrays[key], atol=1e-9, rtol=0, err_msg=protocol)
            checked += 1
    assert checked >= 1


def test_mask_ssim_equals_the_peers_loop():
    pairs = sample_pairs(3)
    values = protocols.mask_ssim(pairs["target"], pairs["generated"], pairs["keypoints"])
    masks = [mask_of_pose(pose, (96, 64))[..., None] for pose in pairs["keypoints"]]
    expected = [ssim_of_pair(t * m, g * m) for t, g, m in zip(pairs["target"], pairs["generated"], masks)]
    np.testing.assert_allclose(values, expected, atol=1e-11)


def test_patn_paints_the_sides_of_deepfashion_only():
    pairs = sample_pairs(2, (256, 256))
    target, generated, keypoints = pairs["target"], pairs["generated"], pairs["keypoints"]
    whole = protocols.ssim(target, generated, "patn")
    narrow = slice(40, 216)
    np.testing.assert_array_equal(
        whole, protocols.ssim(target[:, :, narrow], generated[:, :, narrow], "patn")
    )
    assert (abs(whole - protocols.ssim(target, generated, "spt")) > 1e-3).all()
    shifted = np.where(keypoints < 0, -1, keypoints + np.array([0, 40]))
    np.testing.assert_array_equal(
        protocols.mask_ssim(target, generated, shifted, "patn"),
        protocols.mask_ssim(target[:, :, narrow], generated[:, :, narrow], keypoints, "patn"),
    )
    small = sample_pairs(2, (128, 64))
    np.testing.assert_array_equal(
        protocols.ssim(small["target"], small["generated"], "patn"),
        protocols.ssim(small["target"], small["generated"], "spt"),
    )
    with pytest.raises(ValueError, match="not 96x64"):
        protocols.ssim(target[:, :96, :64], generated[:, :96, :64], "patn")


def test_unknown_and_missing_protocols_are_named():
    pairs = sample_pairs(1)
    with pytest.raises(ValueError, match="no SSIM protocol 'fid'; there are spt"):
        protocols.ssim(pairs["target"], pairs["generated"], "fid")
    with pytest.raises(ValueError, match="gfla has no mask-SSIM"):
        protocols.mask_ssim(pairs["target"], pairs["generated"], pairs["keypoints"], "gfla")
