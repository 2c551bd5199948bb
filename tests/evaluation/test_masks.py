"""Pose masks of the scoring scripts, against the peers' and a slow drawing."""

from __future__ import annotations

import numpy as np
import pytest

from spt_tf.evaluation.masks import CHUNK, disc_masks, polygon_masks
from tests.evaluation.reference_scoring import mask_of_pose
from tests.evaluation.sample_pairs import STICK_FIGURE, sample_pairs
from tests.golden_arrays import metric_golden


@pytest.mark.parametrize("name", ["ssim.npz", "ssim_market.npz", "synthetic.npz", "mask_edge.npz"])
def test_polygon_masks_equal_the_peers(name):
    arrays = metric_golden(name)
    masks = polygon_masks(arrays["keypoints_yx"], arrays["mask"].shape[1:])
    np.testing.assert_array_equal(masks, arrays["mask"])


@pytest.mark.parametrize("name", ["ssim.npz", "ssim_market.npz"])
def test_disc_masks_equal_pg2(name):
    arrays = metric_golden(name)
    masks = disc_masks(arrays["keypoints_yx"], arrays["mask"].shape[1:])
    np.testing.assert_array_equal(masks, arrays["mask_pg2"])


def test_polygon_masks_equal_a_slow_drawing():
    keypoints = sample_pairs(5)["keypoints"]
    keypoints[1, 2] = keypoints[1, 3]  # a limb of no length
    keypoints[2, 4] = (95, 63)  # a limb that leaves the canvas
    keypoints[3, [2, 3]] = [(30, 10), (34, 13)]  # a 3-4-5 limb, whose corners are whole numbers
    expected = np.stack([mask_of_pose(pose, (96, 64)) for pose in keypoints])
    np.testing.assert_array_equal(polygon_masks(keypoints, (96, 64)), expected)


def test_masks_do_not_depend_on_their_company():
    keypoints = sample_pairs(CHUNK + 3)["keypoints"]
    for draw in (polygon_masks, disc_masks):
        masks = draw(keypoints, (96, 64))
        alone = np.concatenate([draw(pose[None], (96, 64)) for pose in keypoints])
        np.testing.assert_array_equal(masks, alone)
        assert 0.05 < masks.mean() < 0.6


def test_nobody_gives_an_empty_mask():
    keypoints = np.full((2, 18, 2), -1)
    keypoints[1] = STICK_FIGURE
    for draw in (polygon_masks, disc_masks):
        masks = draw(keypoints, (96, 64))
        assert not masks[0].any() and masks[1].any()
        assert draw(keypoints[:0], (96, 64)).shape == (0, 96, 64)


def test_wrong_keypoints_are_named():
    with pytest.raises(ValueError, match=r"\[N,18,2\], got \[18, 2\]"):
        polygon_masks(STICK_FIGURE, (96, 64))
