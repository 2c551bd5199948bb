"""The preprocessing of one pair with NumPy and scikit-image, written straight from the definitions.

What `preprocessing.py` measures against. All joints are taken to be there.
"""

from __future__ import annotations

import numpy as np
from skimage.draw import disk, polygon2mask
from skimage.morphology import closing
from skimage.transform import estimate_transform

from spt_tf import anatomy
from spt_tf.geometry.body_parts import MASK_REACH, TRANSFORM_REACH
from spt_tf.geometry.pose_mask import LINES


def describe_pair(source: np.ndarray, target: np.ndarray, canvas: tuple[int, int]) -> list[list[np.ndarray]]:
    """Everything of one pair, both ways, in the order of `describe_pose` and `describe_transfer`."""
    poses = [[heatmaps(pose, canvas), pose_mask(pose, canvas)] for pose in (source, target)]
    there = [part_transforms(source, target), part_masks(target, canvas)]
    back = [part_transforms(target, source), part_masks(source, canvas)]
    return [*poses, there, back]


def heatmaps(pose: np.ndarray, canvas: tuple[int, int], sigma: float = 6.0) -> np.ndarray:
    maps = np.zeros((*canvas, len(pose)), np.float32)
    rows, columns = np.mgrid[: canvas[0], : canvas[1]]
    for joint, (y, x) in enumerate(pose):
        maps[..., joint] = np.exp(-((rows - y) ** 2 + (columns - x) ** 2) / (2 * sigma**2))
    return maps


def pose_mask(pose: np.ndarray, canvas: tuple[int, int], radius: int = 4) -> np.ndarray:
    mask = np.zeros(canvas, bool)
    for a, b in LINES:
        start, end = pose[a], pose[b]
        steps = max(int(np.linalg.norm(end - start) / radius), 1)
        for step in range(steps + 1):
            y, x = (start + (end - start) * step / steps).astype(int)
            mask[disk((y, x), radius + 0.01, shape=canvas)] = True
    return closing(mask, np.ones((5, 5), bool))[..., np.newaxis].astype(np.float32)


def torso_length(pose: np.ndarray) -> float:
    return np.sqrt((np.sum((pose[2] - pose[8]) ** 2) + np.sum((pose[5] - pose[11]) ** 2)) / 2)


def polygon(pose: np.ndarray, limb: tuple[int, int], reach: float) -> np.ndarray:
    start, end = pose[limb[0]], pose[limb[1]]
    start = start + 0.1 * (start - end)
    end = end + reach * (end - start)
    direction = (end - start) / np.linalg.norm(end - start)
    side = 0.2 * torso_length(pose) * np.array([-direction[1], direction[0]])
    return np.array([start + side, start - side, end - side, end + side])


def part_masks(pose: np.ndarray, canvas: tuple[int, int]) -> np.ndarray:
    head = np.zeros(canvas, bool)
    y, x = pose[list(anatomy.HEAD_JOINTS)].mean(axis=0).astype(int)
    reach = int(0.4 * torso_length(pose))
    head[max(y - reach, 0) : y + reach, max(x - reach, 0) : x + reach] = True
    limbs = zip(anatomy.LIMB_PART_JOINTS, MASK_REACH)
    masks = [np.ones(canvas, bool), head]
    masks += [polygon2mask(canvas, polygon(pose, limb, reach)) for limb, reach in limbs]
    return np.stack(masks, axis=-1).astype(np.float32)


def part_transforms(source: np.ndarray, target: np.ndarray) -> np.ndarray:
    torso = list(anatomy.TORSO_JOINTS)
    head = [*anatomy.HEAD_JOINTS, 2, 5]
    points = [(source[joints], target[joints]) for joints in (torso, head)]
    for limb, reach in zip(anatomy.LIMB_PART_JOINTS, TRANSFORM_REACH):
        points.append((polygon(source, limb, reach), polygon(target, limb, reach)))
    fits = [estimate_transform("affine", src=there[:, ::-1], dst=here[:, ::-1]) for here, there in points]
    return np.array([[*fit.params[:2].ravel(), 0, 0] for fit in fits], np.float32)
