"""Made-up pairs to score: smooth noise, and stick figures with joints missing."""

from __future__ import annotations

import cv2
import numpy as np

STICK_FIGURE = np.array(
    [
        *[(16, 32), (24, 32), (25, 22), (40, 18), (54, 15), (25, 42), (40, 46), (54, 49), (52, 26)],
        *[(70, 25), (88, 24), (52, 38), (70, 39), (88, 40), (13, 29), (13, 35), (15, 25), (15, 39)],
    ]
)


def sample_pairs(count: int, canvas: tuple[int, int] = (96, 64), seed: int = 0) -> dict[str, np.ndarray]:
    """target, generated: uint8 `[N,H,W,3]`, none of which spans 0..255; keypoints: int `[N,18,2]`."""
    random = np.random.default_rng(seed)

    def smooth() -> np.ndarray:
        noise = random.normal(size=(count, *canvas, 3))
        return np.stack([cv2.GaussianBlur(picture, (0, 0), 3) for picture in noise])

    target = smooth()
    generated = 0.7 * target + 0.5 * smooth()
    scale = 100 / max(abs(target).max(), abs(generated).max())
    keypoints = STICK_FIGURE + random.integers(-8, 9, (count, 18, 2))
    keypoints[random.random((count, 18)) < 0.15] = -1
    keypoints[(keypoints < 0).any(axis=-1) | (keypoints >= canvas).any(axis=-1)] = -1
    return {
        "target": np.rint(120 + scale * target).astype(np.uint8),
        "generated": np.rint(130 + scale * generated).astype(np.uint8),
        "keypoints": keypoints,
    }
