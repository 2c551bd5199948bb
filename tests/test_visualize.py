"""Panels and their parts, pixel by pixel."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from spt_tf import anatomy, visualize


def test_skeleton_draws_present_joints_only():
    keypoints = np.full((18, 2), -1.0)
    assert not visualize.skeleton_image(keypoints, (128, 64)).any()
    keypoints[1] = (30, 20)
    keypoints[2] = (90, 40)
    picture = visualize.skeleton_image(keypoints, (128, 64))
    assert picture.shape == (128, 64, 3)
    np.testing.assert_array_equal(picture[30, 20], anatomy.JOINT_COLOURS[1])
    np.testing.assert_array_equal(picture[90, 40], anatomy.JOINT_COLOURS[2])
    assert picture[60, 30].any()  # the bone between them
    keypoints[2, 1] = -1  # one missing coordinate makes a missing joint
    assert not visualize.skeleton_image(keypoints, (128, 64))[60, 30].any()


def test_parsing_image_colours_and_refuses_soft_maps():
    labels = np.arange(10).reshape(1, 2, 5)
    np.testing.assert_array_equal(
        visualize.parsing_image(labels).reshape(10, 3), np.array(anatomy.LABEL_COLOURS)
    )
    with pytest.raises(ValueError, match="integer labels"):
        visualize.parsing_image(np.zeros((4, 4), np.float32))
    with pytest.raises(ValueError, match=r"0\.\.10"):
        visualize.parsing_image(np.array([[0, 10]]))


def test_panel_places_cells():
    red = np.zeros((4, 6, 3), np.uint8)
    red[..., 0] = 200
    mask = visualize.mask_image(np.ones((4, 6, 1)))
    sheet = visualize.panel([[red, mask], [None, red]], titles=["source", "mask"], scale=3)
    top, step = visualize.HEADER + visualize.GAP, 12 + visualize.GAP
    left, right = visualize.GAP, 2 * visualize.GAP + 18
    assert (sheet[top : top + 12, left : left + 18] == (200, 0, 0)).all()
    assert (sheet[top + step : top + step + 12, right : right + 18] == (200, 0, 0)).all()
    assert (sheet[top + step : top + step + 12, left : left + 18] == visualize.PAPER).all()
    assert (sheet[: visualize.HEADER] < visualize.PAPER).any()  # titles are there
    with pytest.raises(ValueError, match="uint8"):
        visualize.panel([[red.astype(np.float32)]])


def test_write_png_is_rgb_and_leaves_nothing_else(tmp_path):
    image = np.random.default_rng(0).integers(0, 255, (5, 7, 3), dtype=np.uint8)
    path = tmp_path / "new" / "a.png"
    visualize.write_png(path, image)
    np.testing.assert_array_equal(cv2.imread(str(path))[..., ::-1], image)
    assert [p.name for p in path.parent.iterdir()] == ["a.png"]
    with pytest.raises(ValueError, match="uint8"):
        visualize.write_png(path, image.astype(np.float32))
