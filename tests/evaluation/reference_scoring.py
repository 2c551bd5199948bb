"""Scoring as the peers' scripts do it: one pair at a time, pixel by pixel. Slow, and independent."""

from __future__ import annotations

import math

import numpy as np
import scipy.ndimage

LIMBS = (
    "2-3 2-6 3-4 4-5 6-7 7-8 2-9 9-10 10-11 2-12 12-13 13-14 2-1 1-15 15-17 1-16 16-18 2-17 2-18 9-12 12-6 "
    "9-3 17-18"
)


def ssim_of_pair(target: np.ndarray, generated: np.ndarray) -> float:
    """scikit-image 0.13's compare_ssim, Gaussian, with the generated image's range; uint8 [H,W,C]."""
    span = float(generated.max()) - float(generated.min())
    c1, c2 = (0.01 * span) ** 2, (0.03 * span) ** 2
    values = []
    for channel in range(target.shape[2]):
        x, y = (image[..., channel].astype(np.float64) for image in (target, generated))
        ux, uy, uxx, uyy, uxy = (
            scipy.ndimage.gaussian_filter(m, sigma=1.5) for m in (x, y, x * x, y * y, x * y)
        )
        top = (2 * ux * uy + c1) * (2 * (uxy - ux * uy) + c2)
        bottom = (ux**2 + uy**2 + c1) * (uxx - ux * ux + uyy - uy * uy + c2)
        values.append((top / bottom)[5:-5, 5:-5].mean())
    return float(np.mean(values))


def mask_of_pose(keypoints: np.ndarray, canvas: tuple[int, int], radius: int = 4) -> np.ndarray:
    """produce_ma_mask with the polygon and circle of scikit-image 0.13; keypoints [18,2] -> bool [H,W]."""
    points = [(float(y), float(x)) for y, x in keypoints]
    mask = np.zeros(canvas, bool)
    for limb in LIMBS.split():
        (fy, fx), (ty, tx) = (points[int(joint) - 1] for joint in limb.split("-"))
        length = math.sqrt((fy - ty) ** 2 + (fx - tx) ** 2)
        if -1 in (fy, fx, ty, tx) or length == 0:
            continue
        ny, nx = radius * -(fx - tx) / length, radius * (fy - ty) / length
        corners = [(fy + ny, fx + nx), (fy - ny, fx - nx), (ty - ny, tx - nx), (ty + ny, tx + nx)]
        for y in range(canvas[0]):
            for x in range(canvas[1]):
                if _in_polygon(corners, y, x):
                    mask[y, x] = True
    for py, px in points:
        if -1 not in (py, px):
            for y in range(canvas[0]):
                for x in range(canvas[1]):
                    if (y - py) ** 2 + (x - px) ** 2 < radius**2:
                        mask[y, x] = True
    square = np.ones((5, 5))
    dilated = scipy.ndimage.grey_dilation(mask.astype(np.uint8), footprint=square)
    return scipy.ndimage.grey_erosion(dilated, footprint=square).astype(bool)


def _in_polygon(corners: list[tuple[float, float]], y: int, x: int) -> bool:
    inside = False
    for (iy, ix), (jy, jx) in zip(corners, corners[-1:] + corners[:-1]):
        straddles = iy <= y < jy or jy <= y < iy
        if straddles and x < (jx - ix) * (y - iy) / (jy - iy) + ix:
            inside = not inside
    return inside
