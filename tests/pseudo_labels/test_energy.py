"""The paper's equation against another reading of it, part by part, with SciPy's interpolation."""

from __future__ import annotations

import numpy as np
import pytest
import tensorflow as tf
from scipy.ndimage import map_coordinates

from spt_tf.geometry.body_parts import MASK_REACH, limb_frames
from spt_tf.pseudo_labels.energy import pair_energy
from spt_tf.pseudo_labels.rigid_parts import rigid_part_masks
from tests.pseudo_labels.crowd import make_crowd, one_hot


def _head_corners(mask):
    rows, columns = np.flatnonzero(mask.any(1)), np.flatnonzero(mask.any(0))
    top, left, bottom, right = rows[0] - 0.5, columns[0] - 0.5, rows[-1] + 0.5, columns[-1] + 0.5
    return np.array([(top, left), (top, right), (bottom, right), (bottom, left)])


def _corners(keypoints, masks):
    """Each part's four corners (y, x), or None: `[10][4,2]`."""
    limbs = limb_frames(tf.constant(keypoints[np.newaxis]), MASK_REACH)
    origin, along, across, _ = (v.numpy()[0] for v in limbs)
    corners = [keypoints[[2, 5, 11, 8]], _head_corners(masks[..., 1]) if masks[..., 1].any() else None]
    for i in range(8):
        near, far = origin[i], origin[i] + along[i]
        corners.append(np.stack([near - across[i], near + across[i], far + across[i], far - across[i]]))
    return [c if masks[..., part].any() else None for part, c in enumerate(corners)]


def slow_energy(source_parsing, source_keypoints, candidate_parsing, candidate_keypoints):
    height, width, _ = source_parsing.shape
    source_masks, candidate_masks = (
        rigid_part_masks(k[np.newaxis], (height, width)).numpy()[0]
        for k in (source_keypoints, candidate_keypoints)
    )
    source_corners = _corners(source_keypoints, source_masks)
    candidate_corners = _corners(candidate_keypoints, candidate_masks)
    energy = 0.0
    for part in range(10):
        source = source_masks[..., part : part + 1] * source_parsing
        candidate = candidate_masks[..., part : part + 1] * candidate_parsing
        if source_corners[part] is None or candidate_corners[part] is None:
            energy += (source**2).sum() + (candidate**2).sum()
            continue
        affine = np.linalg.lstsq(
            np.c_[candidate_corners[part], np.ones(4)], source_corners[part].astype(np.float64), rcond=None
        )[0]
        points = np.c_[np.indices((height, width)).reshape(2, -1).T, np.ones(height * width)] @ affine
        for label in range(10):
            moved = map_coordinates(source[..., label], points.T, order=1, mode="grid-constant")
            energy += ((candidate[..., label].ravel() - moved) ** 2).sum()
    return energy


def test_equals_the_equation_read_another_way():
    # Nobody's head is cut by the edge here, so its corners can be read off its mask.
    crowd = make_crowd(6, (60, 48), seed=3)
    keypoints = np.where(crowd.keypoints >= 0, crowd.keypoints * [0.7, 1.0] + [14, 0], -1).astype(np.float32)
    parsing = one_hot(crowd, range(6))
    sources, candidates = np.array([0, 2, 4]), np.array([1, 3, 5])
    energy = pair_energy(parsing[sources], keypoints[sources], parsing[candidates], keypoints[candidates])
    slow = [
        slow_energy(parsing[s], keypoints[s], parsing[c], keypoints[c]) for s, c in zip(sources, candidates)
    ]
    np.testing.assert_allclose(energy, slow, rtol=1e-4)


def test_a_person_costs_nothing_against_itself():
    crowd = make_crowd(4)
    parsing = one_hot(crowd, range(4))
    energy = pair_energy(parsing, crowd.keypoints, parsing, crowd.keypoints)
    np.testing.assert_allclose(energy, 0, atol=0.05)


@pytest.mark.parametrize("lacking", ["source", "candidate"])
def test_a_part_that_one_lacks_costs_its_area(lacking):
    crowd = make_crowd(1, seed=1)
    whole = crowd.keypoints.copy()
    whole[0, [9, 10]] = [[33, 9], [40, 9]]
    less = whole.copy()
    less[0, 10] = -1  # the right ankle: no right calf
    area = rigid_part_masks(whole, crowd.canvas).numpy()[0, ..., 4].sum()
    assert area > 10
    parsing = one_hot(crowd, [0])
    poses = (less, whole) if lacking == "source" else (whole, less)
    energy = pair_energy(parsing, poses[0], parsing, poses[1])
    np.testing.assert_allclose(energy, area, atol=0.05)


def test_a_pixel_of_another_label_costs_two():
    crowd = make_crowd(1)
    parsing = one_hot(crowd, [0])
    other = parsing.copy()
    y, x = np.argwhere(rigid_part_masks(crowd.keypoints, crowd.canvas).numpy()[0].sum(-1) == 1)[0]
    other[0, y, x] = np.roll(other[0, y, x], 1)
    energy = pair_energy(other, crowd.keypoints, parsing, crowd.keypoints)
    np.testing.assert_allclose(energy, 2, atol=0.05)


def test_refuses_maps_of_different_sizes():
    crowd = make_crowd(1)
    parsing = one_hot(crowd, [0])
    with pytest.raises(ValueError, match="share their size"):
        pair_energy(parsing[:, :-1], crowd.keypoints, parsing, crowd.keypoints)
