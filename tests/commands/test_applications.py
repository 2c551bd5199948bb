"""The commands of the applications, as a user calls them."""

from __future__ import annotations

import pathlib
import subprocess
import sys

import pytest

from tests.evaluation.doll_house import CANVAS, write_doll_house
from tests.untrained_run import write_untrained_run

ROOT = pathlib.Path(__file__).resolve().parents[2]
NAMES = ("0001_c1s1_000001_00", "0001_c1s1_000002_00")


def _run(command: str, *arguments: str) -> subprocess.CompletedProcess:
    line = [sys.executable, str(ROOT / "scripts" / f"{command}.py"), *arguments]
    return subprocess.run(line, capture_output=True, text=True, check=False)


def _people(folder: pathlib.Path) -> list[str]:
    return [
        f"--run_dir={folder}/run",
        f"--source_dir={folder}/test",
        f"--annotations={folder}/market-annotation-test.csv",
        f"--parsing_dir={folder}/parsing/test",
        f"--output_dir={folder}/out",
    ]


@pytest.mark.parametrize(
    ("command", "arguments", "told"),
    [
        ("transfer_texture", ["--source=a.jpg"], "give --source and --target, or --pairs"),
        ("transfer_texture", ["--source=a", "--target=b", "--pairs=c"], "give --source and --target, or"),
        ("edit_parsing", ["--sleeves=rolled"], "--sleeves=rolled"),
        ("edit_parsing", [], "name an edit: --bottom"),
        ("generate_sequence", ["--poses=p"], "give --source and --poses, or --between"),
        ("generate_sequence", ["--between=a,b", "--poses=p"], "give --source and --poses, or --between"),
        ("generate_sequence", ["--between=a"], "expected two image names"),
        ("generate_sequence", ["--between=a,b", "--smoothing=4"], "expected an odd number"),
    ],
)
def test_bad_flags_are_told_before_tensorflow_loads(command, arguments, told, tmp_path):
    result = _run(command, *_people(tmp_path), *arguments)
    assert result.returncode == 1
    assert told in result.stderr and "Traceback" not in result.stderr


@pytest.mark.slow
@pytest.mark.parametrize(
    ("command", "arguments", "written"),
    [
        (
            "transfer_texture",
            [f"--source={NAMES[0]}.jpg", f"--target={NAMES[1]}.jpg", f"--pose={NAMES[0]}.jpg"],
            {f"{NAMES[0]}___{NAMES[1]}.png", "sheet.png"},
        ),
        (
            "edit_parsing",
            [f"--people={NAMES[1]}.jpg", "--bottom=shorts", f"--take=upper_clothes:{NAMES[0]}.jpg"],
            {f"{NAMES[1]}.png", f"parsing/{NAMES[1]}.png", "sheet.png"},
        ),
        (
            "generate_sequence",
            [f"--between={NAMES[0]}.jpg,{NAMES[1]}.jpg", "--frames=3"],
            {f"frames/{number:04d}.png" for number in (1, 2, 3)},
        ),
    ],
)
def test_a_command_writes_what_it_says(command, arguments, written, tmp_path):
    write_doll_house(tmp_path, 1)
    write_untrained_run(tmp_path / "run", CANVAS)
    result = _run(command, *_people(tmp_path), *arguments)
    assert result.returncode == 0, result.stderr
    out = tmp_path / "out"
    assert {str(path.relative_to(out)) for path in out.rglob("*.png")} == written


@pytest.mark.slow
def test_what_cannot_be_done_is_one_line(tmp_path):
    write_doll_house(tmp_path, 1)
    write_untrained_run(tmp_path / "run", CANVAS)
    people = [f"--source={NAMES[0]}.jpg", f"--target={NAMES[1]}.jpg", "--labels=skirt"]
    result = _run("transfer_texture", *_people(tmp_path), *people)
    assert result.returncode == 2
    last = result.stderr.strip().splitlines()[-1]
    assert last.startswith(
        "transfer_texture.py: 0001_c1s1_000001_00.jpg > 0001_c1s1_000002_00.jpg: the source"
    )
