"""The pose mask M against PG2's, pixel for pixel."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import ndimage

from spt_tf.geometry.pose_mask import pose_mask
from tests.geometry.sample_poses import sample_poses
from tests.golden_arrays import golden, unpacked

# PG2's list, which counts joints from 1.
PG2_LINES = (
    *((2, 3), (2, 6), (3, 4), (4, 5), (6, 7), (7, 8), (2, 9), (9, 10), (10, 11), (2, 12), (12, 13), (13, 14)),
    *((2, 1), (1, 15), (15, 17), (1, 16), (16, 18), (2, 17), (2, 18), (9, 12), (12, 6), (9, 3), (17, 18)),
)


def slow_pose_mask(keypoints: np.ndarray, canvas: tuple[int, int], radius: int) -> np.ndarray:
    """One person's mask, disc by disc, with SciPy's morphology."""
    mask = np.zeros(canvas, bool)
    grid_y, grid_x = np.mgrid[: canvas[0], : canvas[1]]
    for a, b in PG2_LINES:
        start, end = keypoints[a - 1], keypoints[b - 1]
        if start.min() < 0 or end.min() < 0:
            continue
        samples = max(int(np.linalg.norm(end - start) / radius), 1)
        for i in range(samples + 1):
            y, x = ((start * (samples - i) + end * i) // samples).astype(int)
            mask |= (grid_y - y) ** 2 + (grid_x - x) ** 2 <= radius**2
    square = np.ones((5, 5), bool)
    return ndimage.binary_erosion(ndimage.binary_dilation(mask, square), square, border_value=1)


@pytest.mark.parametrize("radius", [4, 8])
@pytest.mark.parametrize(("prefix", "canvas"), [("", (128, 64)), ("square_", (64, 64))])
def test_published_masks(prefix, canvas, radius):
    arrays = golden("geometry.npz")
    mask = pose_mask(arrays[f"{prefix}target_keypoints_yx"], canvas, radius).numpy()[..., 0] > 0
    np.testing.assert_array_equal(mask, unpacked(arrays[f"{prefix}pose_masks_radius{radius}_packed"]))


@pytest.mark.parametrize("radius", [2, 3, 4])
def test_against_disc_by_disc(radius):
    keypoints = sample_poses(6, 64, seed=radius, missing=0.2)
    masks = pose_mask(keypoints, (64, 32), radius).numpy()
    assert masks.shape == (6, 64, 32, 1)
    for mask, pose in zip(masks[..., 0], keypoints):
        np.testing.assert_array_equal(mask, slow_pose_mask(pose, (64, 32), radius))


def test_no_joints_and_coinciding_joints():
    keypoints = np.full((2, 18, 2), -1.0, np.float32)
    keypoints[1, 2:4] = (10.0, 9.0)  # an upper arm of no length
    masks = pose_mask(keypoints, (20, 20), 2).numpy()[..., 0]
    assert masks[0].sum() == 0
    np.testing.assert_array_equal(masks[1], slow_pose_mask(keypoints[1], (20, 20), 2))
    assert masks[1].sum() == 13  # a disc of radius 2


def test_joints_outside_the_canvas_only_show_what_reaches_in():
    keypoints = np.full((1, 18, 2), -1.0, np.float32)
    keypoints[0, 2:4] = [(21.0, 5.0), (500.0, 5.0)]
    mask = pose_mask(keypoints, (20, 10), 2).numpy()[0, ..., 0]
    assert mask[:19].sum() == 0 and mask[19, 5] == 1
