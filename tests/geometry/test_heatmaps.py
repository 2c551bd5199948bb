"""Keypoint heatmaps against the authors' and the formula."""

from __future__ import annotations

import numpy as np
import pytest
import tensorflow as tf

from spt_tf.geometry.heatmaps import keypoint_heatmaps
from tests.geometry.sample_poses import sample_poses
from tests.golden_arrays import golden


@pytest.mark.parametrize(("prefix", "canvas"), [("", (128, 64)), ("square_", (64, 64))])
def test_published_heatmaps(prefix, canvas):
    arrays = golden("geometry.npz")
    heatmaps = keypoint_heatmaps(arrays[f"{prefix}target_keypoints_yx"][:2], canvas).numpy()
    np.testing.assert_allclose(heatmaps[:, ::4, ::4], arrays[f"{prefix}heatmaps_every_4th"], atol=1e-6)
    sums = heatmaps.sum((1, 2), dtype=np.float64)
    np.testing.assert_allclose(sums, arrays[f"{prefix}heatmaps_sum"], atol=1e-3)


def test_each_pixel_by_the_formula():
    keypoints = sample_poses(2, 24, seed=0, missing=0.3)
    heatmaps = keypoint_heatmaps(keypoints, (24, 12), sigma=2.0).numpy()
    assert (keypoints < 0).any()
    for example, y, x, joint in np.ndindex(heatmaps.shape):
        joint_y, joint_x = keypoints[example, joint]
        expected = np.exp(-((y - joint_y) ** 2 + (x - joint_x) ** 2) / 8.0) if joint_y >= 0 else 0.0
        assert abs(heatmaps[example, y, x, joint] - expected) < 1e-6


def test_a_joint_with_one_missing_coordinate_is_missing():
    keypoints = np.full((1, 18, 2), -1.0, np.float32)
    keypoints[0, 3] = (5.0, -1.0)
    assert tf.reduce_max(keypoint_heatmaps(keypoints, (16, 8))) == 0.0
