"""The importer's command line: what it writes, what it says, and how it ends."""

from __future__ import annotations

import csv
import pathlib
import subprocess
import sys

import cv2
import numpy as np
import pytest

from spt_tf.anatomy import JOINT
from spt_tf.data.annotations import read_annotations
from spt_tf.perception.pose_files.any_annotations import read_any_annotation_rows, read_any_annotations
from spt_tf.perception.pose_files.overlay import with_skeleton
from spt_tf.perception.pose_files.sides import swapped_eyes_warning
from tests.perception.pose_files import writers
from tests.perception.pose_files.writers import SIZE, a_pose, write
from tests.shared_files import shared_path

ROOT = pathlib.Path(__file__).resolve().parents[2]
POSE = a_pose()


def _import(*flags: str) -> subprocess.CompletedProcess:
    command = [sys.executable, "scripts/import_poses.py", *flags]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)


@pytest.fixture
def photos(tmp_path):
    """Two photos and OpenPose's files of them."""
    (tmp_path / "photos").mkdir()
    for name in ("anna", "ben"):
        cv2.imwrite(str(tmp_path / "photos" / f"{name}.jpg"), np.full((*SIZE, 3), 90, np.uint8))
        write(tmp_path / "poses" / f"{name}_keypoints.json", writers.openpose(POSE))
    return tmp_path


def test_poses_become_a_csv_and_a_sheet(photos):
    output = photos / "out" / "keypoints.csv"
    flags = (f"--poses={photos / 'poses'}", f"--images_dir={photos / 'photos'}", f"--output={output}")
    done = _import(*flags)
    assert (done.returncode, done.stderr) == (0, "")
    read = read_annotations(output)
    assert list(read) == ["anna.jpg", "ben.jpg"]
    np.testing.assert_array_equal(read["ben.jpg"], POSE)
    sheet = cv2.imread(str(output.with_name("keypoints_sheet.png")))
    assert sheet is not None and (sheet != sheet[0, 0]).any()
    assert "2 of 2 poses kept" in done.stdout
    # What is left out is listed, on the screen and in a file.
    write(photos / "poses" / "carl.json", writers.openpose(POSE))
    done = _import(*flags)
    assert done.returncode == 1
    assert "left out: carl: no picture 'carl'" in done.stderr
    with open(output.with_name("keypoints_left_out.csv"), newline="") as file:
        rows = list(csv.reader(file))
    assert rows[0] == ["name", "reason"] and rows[1][0] == "carl" and len(rows) == 2


def test_nobody_at_all_is_one_line_and_writes_nothing(photos):
    output = photos / "out" / "keypoints.csv"
    file = write(photos / "all.json", {"people": []})
    done = _import(f"--poses={file}", f"--images_dir={photos / 'photos'}", f"--output={output}")
    assert done.returncode == 2 and not output.parent.exists()
    assert (
        done.stderr.startswith(f"import_poses.py: {file}: no pose can be used")
        and done.stderr.count("\n") == 1
    )
    done = _import(f"--poses={file}", f"--images_dir={photos}", f"--output={output}", "--person=tallest")
    assert done.returncode != 0 and "expected best, largest, or a number from 0" in done.stderr


def test_annotations_may_be_pose_files_of_pictures_at_hand_or_of_a_size(photos):
    by_folder = read_any_annotation_rows(photos / "poses", photos / "photos")
    assert [row.name for row in by_folder] == ["anna.jpg", "ben.jpg"]
    by_size = read_any_annotations(photos / "poses" / "anna_keypoints.json", canvas=SIZE)
    assert list(by_size) == ["anna"]
    np.testing.assert_array_equal(by_size["anna"], by_folder[0].keypoints)
    with pytest.raises(ValueError, match="the pictures' folder or size is needed"):
        read_any_annotations(photos / "poses")


def test_a_skeleton_is_drawn_where_the_joints_are():
    drawn = with_skeleton(np.full((*SIZE, 3), 200, np.uint8), POSE)
    for y, x in POSE[[JOINT["nose"], JOINT["left_ankle"]]].astype(int):
        assert (drawn[y, x] != 200).any()
    assert (drawn[0, 0] == 200).all()


def test_eyes_on_the_wrong_sides_are_warned_of():
    # lightweight-human-pose-estimation.pytorch#134 orders eyes and ears left first.
    swapped = POSE.copy()
    swapped[[14, 15, 16, 17]] = POSE[[15, 14, 17, 16]]
    assert swapped_eyes_warning([POSE] * 5) is None
    assert "3 of 5 people" in swapped_eyes_warning([swapped] * 3 + [POSE] * 2)
    assert swapped_eyes_warning([swapped] * 2) is None
    from_behind = POSE * [1, -1] + [0, SIZE[1]]  # an ear or an eye may still be seen
    assert swapped_eyes_warning([from_behind] * 5) is None


def test_the_literature_s_own_poses_have_eyes_on_their_sides():
    people = read_annotations(shared_path("data/annotations/fasion-annotation-test.csv"))
    assert swapped_eyes_warning(people.values()) is None
