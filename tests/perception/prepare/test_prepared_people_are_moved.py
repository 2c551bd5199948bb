"""From photos, pose files and a parser's maps to pictures, by the commands that a user calls."""

from __future__ import annotations

import pathlib
import subprocess
import sys

import numpy as np
import pytest
from PIL import Image

from tests.perception.pose_files import writers
from tests.perception.pose_files.writers import OPENPOSE_COCO_18, a_pose, write
from tests.untrained_run import write_untrained_run

pytestmark = pytest.mark.slow

ROOT = pathlib.Path(__file__).resolve().parents[3]
CANVAS = (64, 32)


def _run(command: str, *arguments: str) -> str:
    line = [sys.executable, f"scripts/{command}.py", *arguments]
    done = subprocess.run(line, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr[-2000:]
    return done.stdout


def test_photos_of_two_sizes_become_pictures(tmp_path):
    for name, scale in (("anna", 4), ("ben", 7)):
        size = (90 * scale, 60 * scale)
        noise = np.random.default_rng(scale).integers(0, 256, (*size, 3), np.uint8)
        for folder in ("photos", "maps"):
            (tmp_path / folder).mkdir(exist_ok=True)
        Image.fromarray(noise).save(tmp_path / "photos" / f"{name}.jpg")
        labels = np.zeros(size, np.uint8)
        labels[8 * scale : 60 * scale, 12 * scale : 38 * scale] = 5
        Image.fromarray(labels).save(tmp_path / "maps" / f"{name}.png")
        write(tmp_path / "poses" / f"{name}_keypoints.json", writers.openpose(a_pose() * scale))
    data = tmp_path / "data"
    _run(
        "prepare_people",
        f"--images_dir={tmp_path / 'photos'}",
        f"--poses={tmp_path / 'poses'}",
        f"--parsing_dir={tmp_path / 'maps'}",
        *("--palette=lip", "--canvas=64x32", "--split=test", f"--output_dir={data}"),
    )
    write_untrained_run(tmp_path / "run", CANVAS)
    people = [f"--run_dir={tmp_path / 'run'}", f"--source_dir={data / 'test'}"]
    people += [f"--parsing_dir={data / 'parsing' / 'test'}"]
    # Target poses as ControlNet's editor writes them, in pixels of a canvas four times as large.
    editor = writers.openpose((a_pose() / 2 + 0.5) * 4 - 0.5, OPENPOSE_COCO_18)
    target = write(tmp_path / "wave.json", {**editor, "canvas_width": 128, "canvas_height": 256})
    _run(
        "generate",
        *people,
        f"--annotations={data / 'people-annotation-test.csv'}",
        f"--target_annotations={target}",
        f"--output_dir={tmp_path / 'moved'}",
    )
    names = {path.name for path in (tmp_path / "moved").glob("*___*")}
    assert names == {"anna___wave.png", "ben___wave.png"}
    with Image.open(tmp_path / "moved" / "anna___wave.png") as picture:
        assert picture.size == CANVAS[::-1]
    # Pictures of the canvas' size need no preparation: the pose files themselves are annotations.
    write(tmp_path / "found" / "anna.json", writers.openpose(a_pose() / 2))
    write(tmp_path / "found" / "ben.json", writers.openpose(a_pose() / 2 + 1))
    _run("generate", *people, f"--annotations={tmp_path / 'found'}", f"--output_dir={tmp_path / 'direct'}")
    names = {path.name for path in (tmp_path / "direct").glob("*___*")}
    assert names == {"anna___ben.png", "ben___anna.png"}
