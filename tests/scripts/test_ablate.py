"""Wrong command lines of scripts/ablate.py."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["--data_dir=d"], "--output_dir"),
        (["--output_dir={o}"], "ablate.py: --data_dir: expected a data directory"),
        (["--output_dir={o}", "--data_dir=d", "--variants=ts"], "ablate.py: --variants=ts: expected some of"),
        (["--output_dir={o}", "--data_dir=d"], "ablate.py: --paired_data_dir: there is no"),
        (["--output_dir={o}", "--data_dir=d", "--seeds=0"], "--seeds=0"),
    ],
)
def test_a_wrong_command_line_ends_in_one_clear_line(tmp_path, arguments, told):
    arguments = [argument.format(o=tmp_path / "out") for argument in arguments]
    command = [sys.executable, "scripts/ablate.py", *arguments]
    ended = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert ended.returncode != 0 and told in ended.stderr + ended.stdout
    assert "Traceback" not in ended.stderr and not (tmp_path / "out").exists()
