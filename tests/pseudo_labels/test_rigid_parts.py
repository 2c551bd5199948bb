"""Torso and head, where they differ from the deformable skip's."""

from __future__ import annotations

import numpy as np
from skimage.draw import polygon2mask

from spt_tf.pseudo_labels.rigid_parts import rigid_part_masks, rigid_part_outlines, rigid_part_transforms
from tests.pseudo_labels.crowd import make_crowd

CANVAS = (48, 24)


def test_the_torso_is_its_quadrilateral():
    crowd = make_crowd(8)
    masks = rigid_part_masks(crowd.keypoints, CANVAS).numpy()[..., 0]
    for mask, keypoints in zip(masks, crowd.keypoints):
        expected = polygon2mask(CANVAS, keypoints[[2, 5, 11, 8]])
        assert (mask > 0).sum() > 20
        assert np.sum((mask > 0) & expected) / np.sum((mask > 0) | expected) > 0.85


def test_without_a_torso_joint_there_is_no_torso():
    keypoints = make_crowd(1).keypoints
    keypoints[0, 8] = -1
    assert not rigid_part_masks(keypoints, CANVAS).numpy()[..., 0].any()


def test_no_pixel_lies_outside_the_outline():
    crowd = make_crowd(8)
    masks = rigid_part_masks(crowd.keypoints, CANVAS).numpy()
    outlines = rigid_part_outlines(crowd.keypoints).numpy()
    for person, part in np.argwhere(masks.any(axis=(1, 2))):
        pixels = np.argwhere(masks[person, ..., part])
        low, high = outlines[person, part].min(axis=0), outlines[person, part].max(axis=0)
        assert (pixels >= low - 1e-3).all() and (pixels <= high + 1e-3).all()


def test_transforms_take_corners_to_corners():
    crowd = make_crowd(8)
    source, candidate = crowd.keypoints[:4], crowd.keypoints[4:]
    transforms = rigid_part_transforms(source, candidate).numpy()
    there = [rigid_part_masks(k, CANVAS).numpy().any(axis=(1, 2)) for k in (source, candidate)]
    to, start = (rigid_part_outlines(k).numpy() for k in (source, candidate))
    x = (
        transforms[..., None, 0] * start[..., 1]
        + transforms[..., None, 1] * start[..., 0]
        + transforms[..., None, 2]
    )
    y = (
        transforms[..., None, 3] * start[..., 1]
        + transforms[..., None, 4] * start[..., 0]
        + transforms[..., None, 5]
    )
    off = np.abs(np.stack([y, x], axis=-1) - to).max(axis=(2, 3))[there[0] & there[1]]
    parts = np.nonzero(there[0] & there[1])[1]
    assert off[parts > 0].max() < 1e-3
    assert {1, 2, 9} <= set(parts)
    # Four corners of a torso are no parallelogram: the best affine map comes near them.
    assert off[parts == 0].max() < 4
