from __future__ import annotations

import csv
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from export.batch_scoring import FAILED_FILE, score_pairs
from export.request_files import PeopleFiles
from export.scorer import Scorer
from tests.export.direct import direct
from tests.export.people_on_disk import pair_inputs, write_people

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def scorer(model_base_path):
    return Scorer(model_base_path / "1")


@pytest.fixture
def files(tmp_path):
    return write_people(tmp_path / "data", 7)


def run(scorer, files, output_dir, batch_size=3):
    people = PeopleFiles(files.root / "images", files.root / "parsing", files.root / "annotations.csv")
    return score_pairs(scorer, people, files.root / "pairs.csv", output_dir, batch_size)


def failures(output_dir) -> dict:
    with open(output_dir / FAILED_FILE, newline="") as file:
        return {(row["from"], row["to"]): row["reason"] for row in csv.DictReader(file)}


def read(path) -> np.ndarray:
    with Image.open(path) as picture:
        return np.array(picture)


def test_every_pair_equals_the_generator(scorer, files, tmp_path):
    assert run(scorer, files, tmp_path / "out") == (7, 0, 7, 0)
    for source, target in (("p00.png", "p01.png"), ("p06.png", "p00.png")):
        image, parsing = direct(pair_inputs(files, source, target))
        np.testing.assert_array_equal(read(tmp_path / "out" / f"{source}___{target}.png"), image[0])
        np.testing.assert_array_equal(
            read(tmp_path / "out" / "parsing" / f"{source}___{target}.png"), parsing[0]
        )
    assert len(list((tmp_path / "out").glob("*.png"))) == 7
    assert failures(tmp_path / "out") == {}


def test_only_what_is_missing(scorer, files, tmp_path):
    out = tmp_path / "out"
    run(scorer, files, out)
    kept = out / "p00.png___p01.png.png"
    kept.write_bytes(b"not touched")
    (out / "p03.png___p04.png.png").unlink()
    assert run(scorer, files, out) == (7, 6, 1, 0)
    assert kept.read_bytes() == b"not touched"
    assert (out / "p03.png___p04.png.png").exists()


def test_bad_rows_are_named_and_the_rest_is_scored(scorer, files, tmp_path):
    root = files.root
    (root / "images" / "p00.png").write_bytes(b"junk")
    (root / "parsing" / "p01.png").unlink()
    Image.fromarray(np.zeros((8, 8, 3), np.uint8)).save(root / "images" / "p02.png")
    text = (root / "annotations.csv").read_text().splitlines()
    text[4] = "p03.png: " + str([99] * 18) + ": " + str([3] * 18)  # outside the canvas
    (root / "annotations.csv").write_text("\n".join(text) + "\n")
    with open(root / "pairs.csv", "a") as pairs:
        pairs.write("p05.png,nobody.png\nlonely\n../p05.png,p06.png\np05.png,p06.png\n")
    out = tmp_path / "out"
    done = run(scorer, files, out, batch_size=4)
    found = failures(out)
    assert "image p00.png" in found["p00.png", "p01.png"]
    assert "parsing of p01.png" in found["p01.png", "p02.png"]
    assert "source_image" in found["p02.png", "p03.png"] or "target_keypoints" in found["p02.png", "p03.png"]
    assert "source_keypoints" in found["p03.png", "p04.png"]
    assert "nobody.png" in found["p05.png", "nobody.png"]
    assert "two names" in found["lonely", ""]
    assert "not paths" in found["../p05.png", "p06.png"]
    assert len(found) == 7
    assert sorted(path.name for path in out.glob("*.png")) == [
        "p04.png___p05.png.png",
        "p05.png___p06.png.png",
        "p06.png___p00.png.png",
    ]
    assert done == (10, 0, 3, 7)


def test_failed_rows_are_tried_again(scorer, files, tmp_path):
    image = (files.root / "images" / "p00.png").read_bytes()
    (files.root / "images" / "p00.png").write_bytes(b"junk")
    assert run(scorer, files, tmp_path / "out").failed == 1
    (files.root / "images" / "p00.png").write_bytes(image)
    assert run(scorer, files, tmp_path / "out") == (7, 6, 1, 0)
    assert failures(tmp_path / "out") == {}


def test_kill_loses_nothing_finished_and_breaks_no_picture(tmp_path, model_base_path, scorer):
    files = write_people(tmp_path / "data", 60)
    out = tmp_path / "out"
    command = [sys.executable, str(ROOT / "export" / "batch_score.py"), *files.flags(), "--batch_size=1"]
    command += [
        f"--saved_model={model_base_path / '1'}",
        f"--pairs={files.root / 'pairs.csv'}",
        f"--output_dir={out}",
    ]
    process = subprocess.Popen(command, stderr=subprocess.DEVNULL, stdout=subprocess.DEVNULL)
    try:
        deadline = time.monotonic() + 120
        while len(list(out.glob("*.png"))) < 5 and time.monotonic() < deadline and process.poll() is None:
            time.sleep(0.002)
    finally:
        process.send_signal(signal.SIGKILL)
        process.wait()
    finished = {path.name: read(path) for path in out.glob("*.png")}  # reads every one whole
    assert 5 <= len(finished) < 60, "was not killed in the middle"
    assert run(scorer, files, out) == (60, len(finished), 60 - len(finished), 0)
    for name, image in finished.items():
        np.testing.assert_array_equal(read(out / name), image)


def test_command_says_what_is_wrong(tmp_path):
    files = write_people(tmp_path / "data", 2)
    command = [
        sys.executable,
        str(ROOT / "export" / "batch_score.py"),
        *files.flags(),
        "--saved_model=nowhere",
    ]
    command += [f"--pairs={files.root / 'pairs.csv'}", f"--output_dir={tmp_path}/out"]
    done = subprocess.run(command, capture_output=True, text=True)
    assert done.returncode == 1
    assert "batch_score failed: SavedModel file does not exist" in done.stderr
