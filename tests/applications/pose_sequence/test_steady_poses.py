"""Gaps filled, coordinates smoothed."""

from __future__ import annotations

import numpy as np
import pytest

from spt_tf.applications.pose_sequence.steady_poses import fill_gaps, outside_is_missing, smooth

TIME = np.arange(15.0)


def _moving(path: np.ndarray) -> np.ndarray:
    """All joints on one path, `[T]`, down and across: `[T,18,2]`."""
    return np.repeat(np.stack([path, 2 * path], axis=-1)[:, np.newaxis], 18, axis=1)


def test_a_short_gap_is_filled_linearly_and_a_long_one_stays():
    poses = _moving(10 + TIME)
    broken = poses.copy()
    broken[3:6, 4] = -1
    broken[7:14, 9] = -1
    broken[:2, 0] = -1  # nothing before it: no gap
    filled = fill_gaps(broken, longest=3)
    np.testing.assert_allclose(filled[:, 4], poses[:, 4])
    np.testing.assert_array_equal(filled[:, 9], broken[:, 9])
    np.testing.assert_array_equal(filled[:2, 0], -1)
    np.testing.assert_array_equal(fill_gaps(broken, longest=2)[:, 4], broken[:, 4])


def test_a_movement_of_second_order_is_kept_and_jitter_is_not():
    poses = _moving(5 + 0.3 * TIME + 0.1 * TIME**2)
    np.testing.assert_allclose(smooth(poses, 7), poses, atol=1e-9)
    noise = np.random.default_rng(0).normal(0, 1, poses.shape)
    left = smooth(poses + noise, 9) - poses
    assert 0.3 < left.std() < 0.65 * noise.std()
    np.testing.assert_array_equal(smooth(poses + noise, 1), poses + noise)


def test_missing_joints_stay_missing_and_runs_are_smoothed_apart():
    poses = _moving(np.where(TIME < 6, 10.0, 40.0))
    poses[6:8] = -1
    np.testing.assert_allclose(smooth(poses, 9), poses, atol=1e-9)  # a jump over a gap is no jitter


def test_a_window_is_odd():
    for window in (0, 4, -3):
        with pytest.raises(ValueError, match=f"odd number of frames, got {window}"):
            smooth(_moving(TIME), window)


def test_joints_outside_are_missing():
    poses = np.full((1, 18, 2), 5.0)
    poses[0, :5] = [(-0.4, 3), (63.8, 31.2), (64.5, 3), (3, 33), (-1, -1)]
    kept = outside_is_missing(poses, (64, 32))
    assert kept.dtype == np.float32
    np.testing.assert_array_equal(kept[0, :5], [(0, 3), (63, 31), (-1, -1), (-1, -1), (-1, -1)])
    np.testing.assert_array_equal(kept[0, 5:], 5)
