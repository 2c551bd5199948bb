"""Scoring as a Beam pipeline: the results of scoring here, and only what is missing."""

from __future__ import annotations

import csv
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from tests.serving.direct import direct, drawn
from tests.serving.people_on_disk import pair_inputs, write_people

pytest.importorskip("apache_beam", reason="needs Apache Beam: pip install -r requirements-beam.txt")
ROOT = Path(__file__).resolve().parents[2]


def score(model_base_path, files, out, *more):
    command = [sys.executable, str(ROOT / "export" / "beam_score.py"), *files.flags(), "--batch_size=3"]
    command += [
        f"--saved_model={model_base_path}/1",
        f"--pairs={files.root}/pairs.csv",
        f"--output_dir={out}",
        *more,
    ]
    return subprocess.run([*command, "--", "--runner=DirectRunner"], capture_output=True, text=True)


def test_same_results_as_batch_score_and_only_what_is_missing(tmp_path, model_base_path):
    files, out = write_people(tmp_path / "data", 5), tmp_path / "out"
    (files.root / "images" / "p03.png").write_bytes(b"junk")
    done = score(model_base_path, files, out)
    assert done.returncode == 1, done.stderr[-2000:]
    assert "1 rows failed" in done.stderr
    (row,) = csv.DictReader((out / "failed.csv").read_text().splitlines())
    assert (row["from"], row["to"]) == ("p03.png", "p04.png")
    assert "image p03.png" in row["reason"]
    assert sorted(path.name for path in out.iterdir()) == [
        *("failed.csv", "p00___p01.png", "p01___p02.png", "p02___p03.png", "p04___p00.png", "parsing")
    ]
    with Image.open(out / "p04___p00.png") as picture:
        np.testing.assert_array_equal(picture, direct(pair_inputs(files, "p04.png", "p00.png"))[0][0])
    (out / "p00___p01.png").write_bytes(b"not touched")
    Image.fromarray(files.inputs["p03.png"][0]).save(files.root / "images" / "p03.png")
    assert score(model_base_path, files, out).returncode == 0
    assert (out / "p03___p04.png").exists()
    assert (out / "p00___p01.png").read_bytes() == b"not touched"


def test_scores_on_target_parsings_without_a_semantic_generator(tmp_path, parsing_free_base_path):
    files, out = write_people(tmp_path / "data", 3), tmp_path / "out"
    done = score(parsing_free_base_path, files, out, f"--target_parsing_dir={files.root}/parsing")
    assert done.returncode == 0, done.stderr[-2000:]
    assert not (out / "parsing").exists()
    expected = drawn(pair_inputs(files, "p02.png", "p00.png"), files.inputs["p00.png"][1][None])[0]
    with Image.open(out / "p02___p00.png") as picture:
        np.testing.assert_array_equal(picture, expected)
