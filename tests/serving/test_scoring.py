"""Scoring a file of pairs: every pair, only what is missing, bad rows by name, killed and resumed."""

from __future__ import annotations

import csv
import errno
import os
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from hostile_pictures import png_file
from spt_tf.data.file_reading import UnreadableFile
from spt_tf.serving import scoring
from spt_tf.serving.local_model import LocalModel
from spt_tf.serving.people_files import PeopleFiles
from spt_tf.serving.scoring import FAILED_FILE, score_pairs
from tests.data.colours import assert_in_the_project_s_colours
from tests.serving.direct import direct
from tests.serving.people_on_disk import pair_inputs, write_people
from tests.serving.stand_in import CANVAS

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def model(model_base_path):
    return LocalModel(model_base_path / "1")


@pytest.fixture
def files(tmp_path):
    return write_people(tmp_path / "data", 7)


def run(model, files, output_dir, batch_size=3):
    people = PeopleFiles(files.paths())
    return score_pairs(model, people, files.root / "pairs.csv", output_dir, batch_size)


def failures(output_dir) -> dict:
    with open(output_dir / FAILED_FILE, newline="") as file:
        return {(row["from"], row["to"]): row["reason"] for row in csv.DictReader(file)}


def read(path) -> np.ndarray:
    with Image.open(path) as picture:
        return np.array(picture)


def test_every_pair_equals_the_generator(model, files, tmp_path):
    assert run(model, files, tmp_path / "out") == (7, 0, 7, 0)
    for source, target in (("p00.png", "p01.png"), ("p06.png", "p00.png")):
        name = f"{source[:3]}___{target[:3]}.png"
        image, parsing = direct(pair_inputs(files, source, target))
        np.testing.assert_array_equal(read(tmp_path / "out" / name), image[0])
        np.testing.assert_array_equal(read(tmp_path / "out" / "parsing" / name), parsing[0])
        assert_in_the_project_s_colours(tmp_path / "out" / "parsing" / name)
    assert len(list((tmp_path / "out").glob("*.png"))) == 7
    assert failures(tmp_path / "out") == {}


def test_only_what_is_missing(model, files, tmp_path):
    out = tmp_path / "out"
    run(model, files, out)
    kept = out / "p00___p01.png"
    kept.write_bytes(b"not touched")
    (out / "p03___p04.png").unlink()
    assert run(model, files, out) == (7, 6, 1, 0)
    assert kept.read_bytes() == b"not touched"
    assert (out / "p03___p04.png").exists()


def test_bad_rows_are_named_and_the_rest_is_scored(model, files, tmp_path):
    root = files.root
    (root / "images" / "p00.png").write_bytes(b"junk")
    (root / "parsing" / "p01.png").unlink()
    Image.fromarray(np.zeros((8, 8, 3), np.uint8)).save(root / "images" / "p02.png")
    text = (root / "annotations.csv").read_text().splitlines()
    text[4] = "p03.png: " + str([99] * 18) + ": " + str([3] * 18)  # outside the canvas
    (root / "annotations.csv").write_text("\n".join(text) + "\n")
    with open(root / "pairs.csv", "a") as pairs:
        pairs.write(
            "p05.png,nobody.png\nlonely\n../p05.png,p06.png\np05.png,p06.png\np05.jpg,p06.png\np02.png,p04.png\n"
        )
    out = tmp_path / "out"
    done = run(model, files, out, batch_size=4)
    found = failures(out)
    assert "image p00.png" in found["p00.png", "p01.png"]
    assert "parsing of p01.png" in found["p01.png", "p02.png"]
    assert "expected shape" in found["p02.png", "p04.png"]
    assert (
        "target_keypoints: (y, x)" in found["p02.png", "p03.png"]
        or "source_image" in found["p02.png", "p03.png"]
    )
    assert "source_keypoints: (y, x)" in found["p03.png", "p04.png"]
    assert "nobody.png" in found["p05.png", "nobody.png"]
    assert "two names" in found["lonely", ""]
    assert "leaves the folder" in found["../p05.png", "p06.png"]
    assert "overwrite p05.png > p06.png" in found["p05.jpg", "p06.png"]
    assert len(found) == 9
    assert sorted(path.name for path in out.glob("*.png")) == [
        "p04___p05.png",
        "p05___p06.png",
        "p06___p00.png",
    ]
    assert done == (12, 0, 3, 9)


def test_failed_rows_are_tried_again(model, files, tmp_path):
    image = (files.root / "images" / "p00.png").read_bytes()
    (files.root / "images" / "p00.png").write_bytes(b"junk")
    assert run(model, files, tmp_path / "out").failed == 1
    (files.root / "images" / "p00.png").write_bytes(image)
    assert run(model, files, tmp_path / "out") == (7, 6, 1, 0)
    assert failures(tmp_path / "out") == {}


# Dies where a picture is written but not yet in its place.
_KILLED_COMMAND = """
import os, pathlib, signal
from spt_tf.commands.batch_score import run
place = os.replace
def kill(partial, path):
    folder = pathlib.Path(path).parent
    if folder.name != "parsing" and len(list(folder.glob("*.png"))) >= 5:
        os.kill(os.getpid(), signal.SIGKILL)
    place(partial, path)
os.replace = kill
run()
"""


def test_kill_loses_nothing_finished_and_breaks_no_picture(tmp_path, model_base_path, model):
    files = write_people(tmp_path / "data", 60)
    out = tmp_path / "out"
    command = [sys.executable, "-c", _KILLED_COMMAND, *files.flags(), f"--pairs={files.root}/pairs.csv"]
    command += [f"--output_dir={out}", f"--saved_model={model_base_path}/1", "--batch_size=1"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True)
    assert done.returncode == -signal.SIGKILL, done.stderr[-2000:]
    assert list(out.glob(".*.partial"))  # it was in the middle of a picture
    finished = {path.name: read(path) for path in out.glob("*.png")}  # reads every one whole
    assert 5 <= len(finished) < 60, "was not killed in the middle"
    assert run(model, files, out) == (60, len(finished), 60 - len(finished), 0)
    assert not list(out.rglob(".*"))
    for name, image in finished.items():
        np.testing.assert_array_equal(read(out / name), image)


HOSTILE = {
    "image p00.png": lambda root: (root / "images" / "p00.png").write_bytes(png_file((50_000, 50_000), b"")),
    "parsing of p01.png": lambda root: _replace(root / "parsing" / "p01.png", b"PK\x03\x04 junk"),
    "image p02.png": lambda root: _folder(root / "images" / "p02.png"),
    "writing: ": lambda root: (root / "out" / "p03___p04.png").mkdir(parents=True),
    "parsing of p04.png": lambda root: np.save(root / "parsing" / "p04.npy", np.zeros(CANVAS, np.uint8)),
}


def _folder(path):
    path.unlink()
    path.mkdir()


def _replace(path, content):
    path.unlink()
    path.with_suffix(".npy").write_bytes(content)


def test_hostile_files_cost_their_own_rows(model, files):
    for spoil in HOSTILE.values():
        spoil(files.root)
    out = files.root / "out"
    assert run(model, files, out) == (7, 0, 2, 5)
    reasons = list(failures(out).values())
    assert all(any(said in reason for reason in reasons) for said in HOSTILE) and len(reasons) == len(HOSTILE)
    assert run(model, files, out) == (7, 2, 0, 5)


def test_a_full_disk_ends_the_job_and_is_named(model, files, tmp_path, monkeypatch):
    def full(path, content):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), str(path))

    with monkeypatch.context() as patched:
        patched.setattr(scoring, "write_whole", full)
        with pytest.raises(OSError, match=r"No space left on device: '.*___.*\.png'"):
            run(model, files, tmp_path / "out")
    assert run(model, files, tmp_path / "out") == (7, 0, 7, 0)


@pytest.mark.parametrize("file", ["saved_model.pb", "variables/variables.index", "variables/variables.data"])
@pytest.mark.parametrize("content", [b"", b"junk", None])
def test_a_damaged_model_is_one_line_that_names_it(tmp_path, model_base_path, file, content):
    shutil.copytree(model_base_path / "1", tmp_path / "1")
    path = next((tmp_path / "1").glob(f"{file}*"))
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2] if content is None else content)
    with pytest.raises(UnreadableFile, match=rf"{tmp_path}/1.*: not a readable SavedModel") as told:
        LocalModel(tmp_path / "1")
    assert "\n" not in str(told.value)


def test_a_missing_model_is_said():
    with pytest.raises(OSError, match=r"nowhere/saved_model\.pb"):
        LocalModel("nowhere")
