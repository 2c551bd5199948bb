"""Part masks against the authors' and against points in polygons."""

from __future__ import annotations

import numpy as np
import pytest
from skimage.measure import points_in_poly

from spt_tf import anatomy
from spt_tf.geometry.body_parts import part_masks
from spt_tf.geometry.joints import torso_length
from tests.geometry.sample_poses import sample_poses
from tests.golden_arrays import golden, unpacked


def polygon(start: np.ndarray, end: np.ndarray, torso: float, reach: float) -> np.ndarray:
    """The four corners of a limb part, one vertex at a time; (y, x)."""
    start = start + 0.1 * (start - end)
    end = end + reach * (end - start)
    direction = (end - start) / np.linalg.norm(end - start)
    side = 0.2 * torso * np.array([direction[1], -direction[0]])
    return np.array([start + side, start - side, end - side, end + side])


@pytest.mark.parametrize(("prefix", "canvas"), [("", (128, 64)), ("square_", (64, 64))])
def test_published_masks(prefix, canvas):
    arrays = golden("geometry.npz")
    masks = part_masks(arrays[f"{prefix}target_keypoints_yx"], canvas).numpy() > 0
    expected = np.moveaxis(unpacked(arrays[f"{prefix}masks_packed"]), 1, -1)
    assert (masks[..., 0] == expected[..., 0]).all()
    # a rectangle's edge, which the authors count as inside on some of its sides only
    differ = masks[..., 1:] != expected[..., 1:]
    assert differ.sum() <= 0.002 * expected[..., 1:].sum()


def test_limbs_against_points_in_polygons():
    keypoints = sample_poses(5, 64, seed=1, missing=0.15)
    masks = part_masks(keypoints, (64, 32)).numpy() > 0
    grid = np.argwhere(np.ones((64, 32), bool))
    missing = 0
    for example, (limb, (a, b)) in (
        (e, pair) for e in range(5) for pair in enumerate(anatomy.LIMB_PART_JOINTS)
    ):
        start, end = keypoints[example, a], keypoints[example, b]
        mask = masks[example, :, :, 2 + limb]
        if start.min() < 0 or end.min() < 0:
            missing += 1
            assert not mask.any()
            continue
        sides = [np.linalg.norm(keypoints[example, s] - keypoints[example, h]) for s, h in ((2, 8), (5, 11))]
        torso = np.sqrt(np.mean(np.square(sides)))
        corners = polygon(start, end, torso, 0.5 if limb in (2, 3, 6, 7) else 0.1)
        # pixels on an edge may fall either way
        inner = points_in_poly(grid, corners.mean(0) + 0.999 * (corners - corners.mean(0))).reshape(64, 32)
        outer = points_in_poly(grid, corners.mean(0) + 1.001 * (corners - corners.mean(0))).reshape(64, 32)
        assert inner.any() and mask[inner].all() and outer[mask].all()
    assert missing > 0


def test_head_is_a_square_of_whole_pixels_cut_to_the_canvas():
    keypoints = np.full((2, 18, 2), -1.0, np.float32)
    keypoints[:, [2, 5, 8, 11]] = [(20, 8), (20, 20), (45, 8), (45, 20)]  # torso length 25, reach 10
    keypoints[0, [0, 14]] = [(12, 14), (11, 15)]  # centre (11.5, 14.5), cut to (11, 14)
    masks = part_masks(keypoints, (64, 32)).numpy()
    expected = np.zeros((64, 32))
    expected[1:21, 4:24] = 1
    np.testing.assert_array_equal(masks[0, :, :, 1], expected)
    assert masks[1, :, :, 1].sum() == 0  # no head joint
    assert (masks[..., 0] == 1).all()  # the torso is everywhere


def test_a_limb_of_no_length_has_no_pixels():
    keypoints = sample_poses(1, 64, seed=2)
    keypoints[0, 9] = keypoints[0, 8]
    masks = part_masks(keypoints, (64, 32)).numpy()
    assert np.isfinite(masks).all()
    assert masks[0, :, :, 2].sum() == 0 and masks[0, :, :, 4].sum() > 0


@pytest.mark.parametrize(
    ("gone", "expected"), [((), np.sqrt((30**2 + 40**2) / 2)), ((8,), 40.0), ((2, 5), 1.3 * 20.0)]
)
def test_torso_length_from_what_is_there(gone, expected):
    keypoints = np.full((1, 18, 2), -1.0, np.float32)
    keypoints[0, [2, 8, 5, 11, 12]] = [(10, 10), (40, 10), (10, 20), (50, 20), (70, 20)]
    keypoints[0, list(gone)] = -1
    np.testing.assert_allclose(torso_length(keypoints), [expected], rtol=1e-6)


def test_torso_length_of_nobody_is_zero():
    np.testing.assert_array_equal(torso_length(np.full((1, 18, 2), -1.0, np.float32)), [0.0])
