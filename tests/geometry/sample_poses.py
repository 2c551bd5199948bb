"""Jittered stick figures for tests that need poses but no data files."""

from __future__ import annotations

import numpy as np

# (y, x) on a canvas of 1 by 1/2, in the order of anatomy.JOINTS, facing the viewer.
_STANDING = np.array(
    [
        *[(0.10, 0.25), (0.20, 0.25), (0.21, 0.17), (0.34, 0.13), (0.46, 0.11), (0.21, 0.33)],
        *[(0.34, 0.37), (0.46, 0.39), (0.48, 0.20), (0.69, 0.19), (0.90, 0.18), (0.48, 0.30)],
        *[(0.69, 0.31), (0.90, 0.32), (0.08, 0.23), (0.08, 0.27), (0.09, 0.20), (0.09, 0.30)],
    ]
)
TORSO = (2, 5, 8, 11)


def sample_poses(count: int, height: int, seed: int, missing: float = 0.0) -> np.ndarray:
    """Whole-pixel keypoints, float32 `[count,18,2]`, on a canvas of height by height / 2.

    A share `missing` of the joints is -1, but never a torso joint.
    """
    generator = np.random.default_rng(seed)
    poses = np.round((_STANDING + generator.normal(0.0, 0.03, (count, 18, 2))) * height)
    poses = np.clip(poses, 0, [height - 1, height // 2 - 1]).astype(np.float32)
    gone = generator.random((count, 18)) < missing
    gone[:, TORSO] = False
    poses[gone] = -1.0
    return poses
