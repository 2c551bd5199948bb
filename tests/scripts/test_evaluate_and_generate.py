"""Wrong command lines of scripts/evaluate.py and scripts/generate.py."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]


def _run(script, *arguments):
    command = [sys.executable, str(ROOT / "scripts" / script), *arguments]
    return subprocess.run(command, capture_output=True, text=True, timeout=1200)


@pytest.mark.parametrize(
    ("script", "arguments", "told"),
    [
        ("evaluate.py", ["--data_dir=d"], "give --run_dir or --generated_dir"),
        ("evaluate.py", ["--run_dir=r", "--data_dir=d", "--protocol=fid"], "--protocol=fid"),
        ("evaluate.py", ["--run_dir=r", "--data_dir=d", "--batch_size=0"], "--batch_size=0"),
        ("generate.py", ["--run_dir=r", "--source_dir=s", "--canvas=256"], "expected HxW"),
    ],
)
def test_bad_flags_are_told_before_tensorflow_loads(script, arguments, told):
    result = _run(script, *arguments)
    assert result.returncode == 1
    assert told in result.stderr and "Traceback" not in result.stderr


def test_a_missing_run_is_one_line(tmp_path):
    arguments = [f"--{name}={tmp_path}" for name in ("run_dir", "source_dir", "parsing_dir", "output_dir")]
    result = _run("generate.py", *arguments, f"--annotations={tmp_path}/a.csv")
    assert result.returncode == 2
    last = result.stderr.strip().splitlines()[-1]
    assert (
        last == f"generate.py: {tmp_path}: no config.json there; expected a run directory of scripts/train.py"
    )
