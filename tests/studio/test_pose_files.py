"""A dropped pose file lands on the canvas where its picture does."""

from __future__ import annotations

import numpy as np
import pytest

from spt_tf.data.file_reading import UnreadableFile
from spt_tf.studio.pose_files import read_dropped_pose

CANVAS = (64, 32)


def _openpose(points: np.ndarray, **more) -> dict:
    numbers = [value for y, x in points.tolist() for value in ((x, y, 1.0) if y >= 0 else (0, 0, 0))]
    return {"people": [{"pose_keypoints_2d": numbers}], **more}


@pytest.fixture
def points() -> np.ndarray:
    points = np.random.default_rng(0).uniform(4, 28, (18, 2))
    points[3] = -1
    return np.round(points, 2)


def test_pixels_of_the_canvas_come_back_as_they_went(points):
    file = _openpose(points, canvas_height=64, canvas_width=32)
    assert np.allclose(read_dropped_pose(file, "pose.json", CANVAS, None), points, atol=0.01)
    assert np.allclose(read_dropped_pose(_openpose(points), "pose.json", CANVAS, None), points, atol=0.01)


def test_pixels_of_a_larger_picture_are_fitted_as_it_is(points):
    square = np.where(points >= 0, points * 10, -1)  # of 640x640, of which the canvas shows half the width
    found = read_dropped_pose(_openpose(square), "pose.json", CANVAS, (640, 640))
    expected = np.where(points >= 0, (square + 0.5) * 0.05 + [16, 0] - 0.5, -1)
    assert np.allclose(found, np.clip(expected, -1, None), atol=0.01)


def test_what_is_no_pose_file():
    with pytest.raises(UnreadableFile, match=r"mine.json: none of .*openpose"):
        read_dropped_pose({"hello": 1}, "mine.json", CANVAS, None)
    with pytest.raises(ValueError, match="nobody was found"):
        read_dropped_pose({"people": []}, "mine.json", CANVAS, None)
