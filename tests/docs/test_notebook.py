"""notebooks/demo.ipynb, its cells executed as a script in a stand-in for a clone.

The environment is there already, as at a second visit: making one needs the internet. Training is checked,
not done.
"""

from __future__ import annotations

import json
import os
import pathlib
import subprocess
import sys

import pytest

from tests.docs.clone import make_clone

ROOT = pathlib.Path(__file__).resolve().parents[2]
NOTEBOOK = ROOT / "notebooks" / "demo.ipynb"
# Between the first cell, which defines `run`, and the others.
TRAINING_IS_CHECKED = """
def run(*command, in_full=run):
    checked = "scripts/train.py" in command
    in_full(*command, *(["--dry_run", "--run_dir=runs/checked"] if checked else []))
"""


def _cells(kind: str) -> list[str]:
    notebook = json.loads(NOTEBOOK.read_text(encoding="utf8"))
    assert notebook["nbformat"] == 4
    return ["".join(cell["source"]) for cell in notebook["cells"] if cell["cell_type"] == kind]


def test_it_is_committed_without_outputs():
    for cell in json.loads(NOTEBOOK.read_text(encoding="utf8"))["cells"]:
        assert not cell.get("outputs") and cell.get("execution_count") is None


def test_it_runs_on_any_python():
    """The cells themselves need the standard library alone, and no syntax newer than Python 3.9."""
    for cell in _cells("code"):
        compile(cell, "cell", "exec")
        imported = [line.split()[1] for line in cell.splitlines() if line.startswith("import ")]
        assert set(imported) <= sys.stdlib_module_names if hasattr(sys, "stdlib_module_names") else True


def test_a_progress_bar_stays_one_line(capfd, monkeypatch):
    monkeypatch.chdir(ROOT)
    defined = {}
    exec(_cells("code")[0].split("\nif not os.path.exists(python)")[0], defined)
    defined["run"](sys.executable, "-c", r"print('\r50 %\r100 %', flush=True)")
    assert capfd.readouterr().out.endswith("\r50 %\r100 %\n")


@pytest.mark.slow
def test_its_cells_run(tmp_path):
    make_clone(tmp_path)
    installed = "".join((ROOT / name).read_text() for name in ("pyproject.toml", "requirements.txt"))
    stamp = tmp_path / ".venv" / ".installed-runtime"  # that scripts/environment.sh leaves
    stamp.write_text(f"{tmp_path}\n{installed}")
    first, *others = _cells("code")
    script = "\n".join([first, TRAINING_IS_CHECKED, *others])
    environment = {name: value for name, value in os.environ.items() if name != "SPT_VENV"}
    environment["MPLBACKEND"] = "module://matplotlib_inline.backend_inline"  # as a kernel sets it
    ended = subprocess.run(
        [sys.executable, "-c", script], cwd=tmp_path, env=environment, capture_output=True, text=True
    )
    assert ended.returncode == 0, ended.stdout[-3000:] + ended.stderr[-2000:]
    for written in ("curves.png", "evaluation/spt/report.html", "generated/sheet.png"):
        assert (tmp_path / "runs" / "demo" / written).stat().st_size > 1000
    assert (tmp_path / "models" / "spt" / "2" / "saved_model.pb").is_file()
    for stage in ("pose_detector", "end_to_end"):
        assert stage in ended.stdout  # the plan of training
