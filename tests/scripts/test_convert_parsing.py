"""The converter's command line."""

from __future__ import annotations

import pathlib
import subprocess
import sys

import numpy as np
from PIL import Image

from spt_tf.data.parsing_maps import read_parsing_map
from tests.perception.pose_files import writers
from tests.perception.pose_files.writers import SIZE, a_pose, write

ROOT = pathlib.Path(__file__).resolve().parents[2]


def _convert(*flags: str) -> subprocess.CompletedProcess:
    command = [sys.executable, str(ROOT / "scripts" / "convert_parsing.py"), *flags]
    return subprocess.run(command, capture_output=True, text=True, check=False)


def test_a_folder_is_converted_and_a_bad_map_makes_the_status_1(tmp_path):
    (tmp_path / "in").mkdir()
    np.save(tmp_path / "in" / "a.npy", np.array([[0, 11, 17]]))
    flags = (f"--input_dir={tmp_path / 'in'}", f"--output_dir={tmp_path / 'out'}", "--palette=atr")
    done = _convert(*flags)
    assert (done.returncode, done.stderr) == (0, "")
    assert "1 maps written" in done.stdout
    np.testing.assert_array_equal(read_parsing_map(tmp_path / "out" / "a.png"), [[0, 1, 3]])
    np.save(tmp_path / "in" / "b.npy", np.array([[18]]))
    done = _convert(*flags)
    assert done.returncode == 1
    assert "b.npy: label 18" in done.stderr


def test_bad_flags_are_one_clear_line(tmp_path):
    done = _convert(f"--input_dir={tmp_path}", f"--output_dir={tmp_path}", "--palette=lip")
    assert done.returncode == 1
    assert done.stderr.strip() == f"convert_parsing: {tmp_path}: input and output must be different folders"
    assert "palette" in _convert(f"--input_dir={tmp_path}", f"--output_dir={tmp_path}").stderr


def test_keypoints_of_another_tool_warn_of_arms_on_the_wrong_side(tmp_path):
    pose = a_pose()
    labels = np.zeros(SIZE, np.uint8)
    labels[12:31, 12:20], labels[12:31, 28:36] = (
        14,
        15,
    )  # left arm left in the picture, of who faces the camera
    for name in ("anna", "ben", "carl"):
        for folder in ("in", "photos"):
            (tmp_path / folder).mkdir(exist_ok=True)
        Image.fromarray(labels).save(tmp_path / "in" / f"{name}.png")
        Image.new("RGB", SIZE[::-1]).save(tmp_path / "photos" / f"{name}.jpg")
        write(tmp_path / "poses" / f"{name}_keypoints.json", writers.openpose(pose))
    flags = (f"--input_dir={tmp_path / 'in'}", f"--output_dir={tmp_path / 'out'}", "--palette=lip")
    poses = f"--annotations={tmp_path / 'poses'}"
    done = _convert(*flags, poses, f"--images_dir={tmp_path / 'photos'}")
    assert done.returncode == 0
    assert "warning: in 3 of 3 maps the left arm lies where" in done.stderr
    done = _convert(*flags, poses)
    assert done.returncode == 1 and "pose files need the photos, --images_dir" in done.stderr


def test_what_cannot_be_ours_is_refused_with_the_reason(tmp_path):
    done = _convert(f"--input_dir={tmp_path}", f"--output_dir={tmp_path}/out", "--palette=pascal")
    assert done.returncode == 1
    assert "its arms and legs include sleeves and trousers" in done.stderr and done.stderr.count("\n") == 1
