"""The converter's command line."""

from __future__ import annotations

import pathlib
import subprocess
import sys

import numpy as np

from spt_tf.data.parsing_maps import read_parsing_map

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
