"""scripts/plot_run.py as a user calls it."""

from __future__ import annotations

import pathlib
import subprocess
import sys

from PIL import Image

ROOT = pathlib.Path(__file__).resolve().parents[2]


def _plot(*arguments):
    command = [sys.executable, "scripts/plot_run.py", *map(str, arguments)]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True)


def test_it_writes_the_curves_into_the_run_or_where_it_is_told(tmp_path):
    (tmp_path / "metrics.jsonl").write_text('{"stage": "semantic", "step": 1, "a": 1.0}\n')
    assert _plot(tmp_path).stdout == f"{tmp_path}/curves.png\n"
    assert _plot(tmp_path, tmp_path, f"--output={tmp_path}/two.png").returncode == 0
    for name in ("curves.png", "two.png"):
        with Image.open(tmp_path / name) as picture:
            assert picture.width > 1000


def test_a_folder_that_is_no_run_is_named_and_nothing_written(tmp_path):
    missing = f"{tmp_path}/metrics.jsonl: no such file"
    for arguments, told in (((tmp_path,), missing), ((), "one or several run")):
        ended = _plot(*arguments)
        assert ended.returncode == 2 and told in ended.stderr and ended.stderr.count("\n") == 1
    assert not list(tmp_path.iterdir())
