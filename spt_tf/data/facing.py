"""Which way people face, read off their joints."""

from __future__ import annotations

import numpy as np

from spt_tf import anatomy


def facing(keypoints: np.ndarray) -> np.ndarray:
    """Which way people face, by their joints.

    Args:
        keypoints: `[N,18,2]`, (y, x) in pixels, -1 where missing.

    Returns:
        int `[N]`: 1 for those who show nose and an eye, -1 for those who show neither nose nor eyes, and
        have the shoulders of a back view (the right one at the right); 0 where neither is plain.
    """
    keypoints = np.asarray(keypoints)
    present = (keypoints >= 0).all(axis=-1)
    nose = present[:, anatomy.JOINT["nose"]]
    eyes = present[:, [anatomy.JOINT["right_eye"], anatomy.JOINT["left_eye"]]].any(axis=1)
    right, left = anatomy.JOINT["right_shoulder"], anatomy.JOINT["left_shoulder"]
    back = present[:, [right, left]].all(axis=1) & (keypoints[:, right, 1] > keypoints[:, left, 1])
    return np.where(nose & eyes, 1, np.where(~nose & ~eyes & back, -1, 0))
