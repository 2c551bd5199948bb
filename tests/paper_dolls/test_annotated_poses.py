"""Paper dolls in the poses of an annotation file."""

from __future__ import annotations

import numpy as np
import pytest

from spt_tf.anatomy import JOINT, MIRRORED_JOINTS
from spt_tf.data.annotations import AnnotationError, write_annotations
from spt_tf.paper_dolls.annotated_poses import pose_from_keypoints, read_poses
from spt_tf.paper_dolls.people import draw_training_person
from tests.shared_files import shared_path

# A person who faces the camera, 128x64: (y, x).
FRONT = np.array(
    [
        *[(16, 32), (27, 32), (27, 22), (45, 19), (60, 18), (27, 42), (45, 45), (60, 46), (63, 27)],
        *[(88, 26), (112, 26), (63, 37), (88, 38), (112, 38), (14, 30), (14, 34), (15, 27), (15, 37)],
    ],
    np.float32,
)


def from_behind() -> np.ndarray:
    keypoints = FRONT[list(MIRRORED_JOINTS)]
    keypoints[[JOINT["nose"], JOINT["right_eye"], JOINT["left_eye"]]] = -1
    return keypoints


def test_view_follows_the_shoulders():
    assert pose_from_keypoints(FRONT).view == "front"
    assert pose_from_keypoints(from_behind()).view == "back"


def test_profile_faces_where_the_nose_points():
    profile = FRONT.copy()
    profile[[JOINT["right_shoulder"], JOINT["left_shoulder"]], 1] = (31, 32)
    profile[JOINT["nose"], 1] = 38
    profile[JOINT["left_ear"]] = profile[JOINT["left_eye"]] = -1
    pose = pose_from_keypoints(profile)
    assert pose.view == "side" and np.sin(pose.yaw) > 0.9 and np.sin(pose.head_yaw) > 0.5


def test_drawn_keypoints_are_the_annotated_ones():
    keypoints = FRONT.copy()
    keypoints[[JOINT["left_wrist"], JOINT["right_ankle"], JOINT["neck"]]] = -1
    drawn = draw_training_person(0, 1, (128, 64), pose_from_keypoints(keypoints)).picture
    np.testing.assert_array_equal(drawn.keypoints, keypoints)
    assert 0.1 < (drawn.parsing > 0).mean() < 0.5


def test_rows_are_left_out_counted_and_rescaled(tmp_path):
    no_torso = FRONT.copy()
    no_torso[JOINT["right_hip"]] = -1
    write_annotations(
        tmp_path / "a.csv",
        {"0002_a.jpg": FRONT, "0003_a.jpg": no_torso, "-1_a.jpg": FRONT, "0000_a.jpg": FRONT},
    )
    poses, left_out = read_poses(tmp_path / "a.csv", (64, 32))
    assert [name for name, _ in poses] == ["0002_a.jpg"]
    assert left_out == {"no torso joints": 1, "junk or distractor": 2}
    np.testing.assert_allclose(poses[0][1].points[:18], FRONT / 2)


def test_malformed_line_is_named(tmp_path):
    (tmp_path / "a.csv").write_text("name:keypoints_y:keypoints_x\n0002_a.jpg: [1]: [2]\n")
    with pytest.raises(AnnotationError, match="row 2"):
        read_poses(tmp_path / "a.csv", (128, 64))


def test_real_market_poses():
    poses, left_out = read_poses(shared_path("data/annotations/market-annotation-train.csv"), (128, 64))
    assert len(poses) == 12116 and left_out == {"no torso joints": 820}
    for number, (_, pose) in enumerate(poses[::600]):
        picture = draw_training_person(0, number, (128, 64), pose).picture
        np.testing.assert_array_equal(picture.keypoints >= 0, np.repeat(pose.annotated[:, None], 2, 1))
        assert (picture.parsing > 0).mean() > 0.1
