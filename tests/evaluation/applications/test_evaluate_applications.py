"""The whole evaluation, of an untrained run on very few dolls."""

from __future__ import annotations

import json

import pytest

from spt_tf.evaluation.applications.evaluate_applications import ApplicationsPlan, evaluate_applications
from spt_tf.inference import load_finished_run
from tests.perception.tiny import write_untrained_finder
from tests.untrained_run import write_untrained_run

CANVAS = (64, 32)
WRITTEN = {
    "applications.json",
    "applications.txt",
    "parsing_edits.png",
    "sequence.gif",
    "sequence.png",
    "texture_transfer.png",
}

pytestmark = pytest.mark.slow


def test_tables_and_pictures(tmp_path):
    write_untrained_run(tmp_path / "run", CANVAS, filter_scale=8)
    finder = write_untrained_finder(tmp_path / "finder", height=CANVAS[0], width=CANVAS[1])
    plan = ApplicationsPlan(
        output_dir=str(tmp_path / "out"),
        exchanges=2,
        edited=1,
        movements=1,
        frames=3,
        image_parser=str(finder),
    )
    text = evaluate_applications(load_finished_run(str(tmp_path / "run")), plan)
    assert {path.name for path in (tmp_path / "out").iterdir()} == WRITTEN
    tables = json.loads((tmp_path / "out" / "applications.json").read_text())
    assert tables["texture transfer"]["truth"]["ssim"] == pytest.approx(1)
    assert tables["texture transfer"]["transferred"]["outside"] == 0
    assert tables["parsing edits"]["edited"]["kept"] == 0
    assert 0 <= tables["parsing edits"]["truth"]["seen"] < 1  # the finder has learned nothing
    assert set(tables["sequences, poses detected"]) == {
        "sequence",
        "poses_smoothed_alone",
        "maps_blended_alone",
        "frame_by_frame",
    }
    assert "part_warped" in text and "stage" in text
