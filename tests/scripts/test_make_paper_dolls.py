"""scripts/make_paper_dolls.py, from the command line."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


def run(*flags: object) -> subprocess.CompletedProcess:
    command = [sys.executable, "scripts/make_paper_dolls.py", *map(str, flags)]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)


def test_draws_a_data_set_and_says_how_fast(tmp_path):
    flags = ("--num_train=2", "--num_test_pairs=1", "--height=64", "--width=32", "--processes=1")
    result = run(f"--output_dir={tmp_path / 'dolls'}", *flags)
    assert result.returncode == 0, result.stderr
    assert "4 images" in result.stdout and "a second" in result.stdout
    assert len(list((tmp_path / "dolls").rglob("*.jpg"))) == 4
    again = run(f"--output_dir={tmp_path / 'dolls'}", *flags)
    assert again.returncode != 0
    assert (
        again.stderr.strip().splitlines()[-1].startswith("make_paper_dolls: ") and "not empty" in again.stderr
    )


def test_poses_from_a_csv_keep_their_names(tmp_path):
    keypoints_y = [16, 27, 27, 45, 60, 27, 45, 60, 63, 88, 112, 63, 88, 112, 14, 14, 15, 15]
    keypoints_x = [32, 32, 22, 19, 18, 42, 45, 46, 27, 26, 26, 37, 38, 38, 30, 34, 27, 37]
    csv = tmp_path / "poses.csv"
    csv.write_text(f"name:keypoints_y:keypoints_x\n0007_c1s1_000003_01.jpg: {keypoints_y}: {keypoints_x}\n")
    result = run(
        f"--output_dir={tmp_path / 'dolls'}", f"--pose_csv={csv}", "--num_test_pairs=0", "--processes=1"
    )
    assert result.returncode == 0, result.stderr
    assert [path.name for path in (tmp_path / "dolls" / "train").iterdir()] == ["0007_c1s1_000003_01.jpg"]
    written = (tmp_path / "dolls" / "market-annotation-train.csv").read_text()
    assert written == csv.read_text()


def test_bad_values_are_refused_at_once(tmp_path):
    for flag in ("--height=8", "--num_train=-1", "--processes=0", "--no_such_flag=1"):
        result = run(f"--output_dir={tmp_path / 'dolls'}", flag)
        assert result.returncode != 0 and flag[2:].split("=")[0] in result.stderr
    missing = run(f"--output_dir={tmp_path / 'dolls'}", "--pose_csv=/nowhere.csv")
    assert missing.returncode != 0 and "nowhere.csv" in missing.stderr
    assert list(tmp_path.iterdir()) == []
