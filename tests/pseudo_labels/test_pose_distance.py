"""The distance that excludes near-identical poses."""

from __future__ import annotations

import numpy as np

from spt_tf.pseudo_labels.pose_distance import pose_distance
from tests.pseudo_labels.crowd import make_crowd


def _slow(a, b):
    both = (a >= 0).all(1) & (b >= 0).all(1)
    shift = a[both] - b[both]
    return np.linalg.norm(shift - shift.mean(0), axis=1).mean()


def test_equals_a_loop():
    keypoints = make_crowd(12).keypoints
    expected = [[_slow(a, b) for b in keypoints] for a in keypoints[:5]]
    np.testing.assert_allclose(pose_distance(keypoints[:5], keypoints), expected, rtol=1e-4, atol=1e-4)


def test_does_not_see_a_shift():
    keypoints = make_crowd(1).keypoints
    moved = np.where(keypoints >= 0, keypoints + np.float32([3, 2]), -1)
    np.testing.assert_allclose(pose_distance(keypoints, moved), 0, atol=1e-4)


def test_is_infinite_without_a_shared_joint():
    a = np.full((1, 18, 2), -1, np.float32)
    b = a.copy()
    a[0, 3], b[0, 4] = 5, 5
    assert np.isinf(pose_distance(a, b)).all()
