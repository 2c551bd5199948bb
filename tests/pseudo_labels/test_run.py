"""The search from a folder of files, through its command."""

from __future__ import annotations

import csv
import os
import subprocess
import sys
from pathlib import Path

import cv2
import numpy as np
import pytest

from spt_tf.data.annotations import write_annotations
from spt_tf.data.datasets import DatasetError
from spt_tf.data.parsing_maps import write_parsing_map
from spt_tf.pseudo_labels.run import run_search
from spt_tf.pseudo_labels.settings import SearchError, SearchSettings
from tests.data.folders import CANVAS, market_folder

ROOT = Path(__file__).resolve().parents[2]
REST = {"memory_gb": 1.0, "shard": 0, "num_shards": 1, "merge": False, "sheet_rows": 3}


def test_writes_pairs_and_a_contact_sheet(tmp_path):
    names = market_folder(tmp_path / "data")
    output = tmp_path / "pairs.csv"
    told = run_search(tmp_path / "data", output, CANVAS, SearchSettings(), **REST)
    assert "5 people" in told
    with open(output, newline="") as file:
        rows = list(csv.DictReader(file))
    assert [row["from"] for row in rows] == names
    assert all(row["to"] in names and row["to"] != row["from"] for row in rows)
    sheet = cv2.imread(str(tmp_path / "pairs.png"))
    assert sheet.shape[0] > 3 * 2 * CANVAS[0] and sheet.shape[1] >= 4 * 2 * CANVAS[1]
    assert len(np.unique(sheet.reshape(-1, 3), axis=0)) > 10


def test_refuses_a_parsing_map_of_another_size(tmp_path):
    names = market_folder(tmp_path)
    write_parsing_map(tmp_path / "parsing" / "train" / f"{names[2][:-4]}.png", np.zeros((16, 16), np.uint8))
    with pytest.raises(SearchError, match=f"{names[2]}: parsing map of 16x16, where 32x16"):
        run_search(tmp_path, tmp_path / "pairs.csv", CANVAS, SearchSettings(), **REST)
    assert not (tmp_path / "pairs.csv").exists()


def test_refuses_an_empty_training_set(tmp_path):
    market_folder(tmp_path)
    write_annotations(tmp_path / "market-annotation-train.csv", {})
    with pytest.raises(DatasetError, match="nobody can be used"):
        run_search(tmp_path, tmp_path / "pairs.csv", CANVAS, SearchSettings(), **REST)


def test_the_command_says_what_is_wrong_in_one_line(tmp_path):
    command = [
        sys.executable,
        "scripts/search_pseudo_labels.py",
        f"--data_dir={tmp_path}",
        "--output=pairs.csv",
    ]
    done = subprocess.run(
        command, cwd=ROOT, capture_output=True, text=True, env={**os.environ, "TF_CPP_MIN_LOG_LEVEL": "3"}
    )
    assert done.returncode == 2
    assert f"search_pseudo_labels.py: {tmp_path}: no parsing/train/" in done.stderr
    assert "Traceback" not in done.stderr
