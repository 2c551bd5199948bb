"""What is said of people that are not of a run's size."""

from __future__ import annotations

import logging
import subprocess
import sys
from pathlib import Path

import pytest

from spt_tf.applications.canvas import check_canvas, size_advice
from spt_tf.data.report import LeftOut, LoadingReport, Reason
from tests.data.folders import market_folder
from tests.tiny import CANVAS, tiny_experiment

ROOT = Path(__file__).resolve().parents[2]


def test_a_canvas_the_networks_do_not_fit_is_refused_with_the_nearest_that_does():
    message = r"--canvas=1081x1439: .* multiples of 4, such as 1080x1440\. The run was trained at 32x32"
    with pytest.raises(ValueError, match=message):
        check_canvas(tiny_experiment(), (1081, 1439))


def test_another_canvas_than_in_training_is_warned_of(caplog):
    check_canvas(tiny_experiment(), CANVAS)
    assert not caplog.records
    check_canvas(tiny_experiment(), (256, 256))
    (told,) = caplog.records
    assert told.levelno == logging.WARNING
    assert "--canvas=256x256" in told.getMessage() and "trained at 32x32" in told.getMessage()


@pytest.mark.parametrize("reason", list(Reason))
def test_advice_is_given_where_sizes_are_wrong_and_nowhere_else(reason):
    report = LoadingReport("a.csv", 3, (LeftOut("a.jpg", reason, ""),))
    wrong = reason in (Reason.WRONG_IMAGE_SIZE, Reason.WRONG_PARSING_SIZE, Reason.JOINT_OUTSIDE)
    assert bool(size_advice(tiny_experiment(), CANVAS, report)) == wrong


def test_photos_of_another_size_are_told_the_run_s(tmp_path):
    """As scripts/generate.py tells it, before any weights are looked for."""
    market_folder(tmp_path / "photos", people=3, canvas=(48, 64))
    (tmp_path / "run").mkdir()
    (tmp_path / "run" / "config.json").write_text(tiny_experiment().to_json())
    photos = tmp_path / "photos"
    command = [
        *(sys.executable, str(ROOT / "scripts" / "generate.py"), f"--run_dir={tmp_path}/run"),
        *(f"--source_dir={photos}/train", f"--annotations={photos}/market-annotation-train.csv"),
        *(f"--parsing_dir={photos}/parsing/train", f"--output_dir={tmp_path}/out"),
    ]
    told = subprocess.run(command, capture_output=True, text=True, check=False)
    assert told.returncode == 2 and "Traceback" not in told.stderr
    assert "Expected people of 32x32 (height x width)" in told.stderr and "--canvas=HxW" in told.stderr
