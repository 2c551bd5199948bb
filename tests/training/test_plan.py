"""What is told before the first step, and the time left."""

from __future__ import annotations

import collections
import dataclasses
import json

import pytest
import tensorflow as tf

from spt_tf.config import ConfigError
from spt_tf.data.file_reading import UnreadableFile
from spt_tf.networks.vgg import VggFeatures
from spt_tf.training import plan as plan_module
from spt_tf.training.build import build_stage_model
from spt_tf.training.estimates import checkpoint_bytes
from spt_tf.training.optimizers import make_optimizers
from spt_tf.training.pace import Pace, read_paces
from spt_tf.training.plan import Plan, PlannedStage, check_disk, duration, size
from spt_tf.training.stage_work import look_at_networks
from tests.tiny import tiny_experiment
from tests.training.run_options import run_options

A = PlannedStage("semantic", 100, 40, 7.0, 2.0, 10, 2, 15)
B = PlannedStage("appearance", 50, 0, 5.0, 10.0, 30, 2, 0)
LONG = 1e6  # seconds of watching, beside which what was expected is forgotten


def _left(stage: str, step: int, seconds_a_step: float, paces: dict[str, Pace] | None = None) -> float:
    """After long watching at one pace."""
    return Plan((A, B), paces or {}).seconds_left(stage, step, Pace(LONG / seconds_a_step, LONG))


def test_the_time_left_goes_by_what_steps_take_in_fact():
    assert _left("semantic", 40, 2.0) == pytest.approx(60 * 2 + 5 + 50 * 10)
    assert _left("appearance", 49, 1.0) == pytest.approx(1, rel=1e-3)


def test_what_the_guess_is_off_by_here_it_is_off_by_in_the_stages_to_come():
    assert _left("semantic", 90, 4.0) == pytest.approx(10 * 4 + 5 + 2 * 50 * 10, rel=1e-3)


def test_the_first_steps_of_a_stage_do_not_let_the_time_left_jump():
    """A fifth of a second of watching, at a tenth and at ten times the expected speed."""
    expected = Plan((A, B)).seconds_left("semantic", 40, Pace(0, 0))
    assert expected == 60 * 2 + 5 + 50 * 10
    for steps, seconds in ((0.01, 0.2), (1.0, 0.2)):
        left = Plan((A, B)).seconds_left("semantic", 40, Pace(steps, seconds))
        assert left == pytest.approx(expected, rel=0.1)


def test_stages_to_come_are_told_by_all_stages_that_were_watched_each_by_its_time():
    """A thousand seconds at the guessed pace, and a hundred at half of it: a tenth slower than guessed."""
    plan = Plan((A, B, dataclasses.replace(B, name="end_to_end")), {"semantic": Pace(500, 1000.0)})
    later = plan.seconds_left("appearance", 50, Pace(5, 100.0))
    assert later == pytest.approx(5 + (1100 / 1050) * 50 * 10, rel=1e-3)


def test_a_call_that_goes_on_expects_what_the_run_took_before():
    plan = Plan((A, B), {"semantic": Pace(100, 600.0)})
    assert plan.seconds_to_do(A) == pytest.approx(7 + 60 * 6)
    assert plan.seconds_to_do(B) == pytest.approx(5 + 50 * 10 * 3, rel=0.07)


def test_a_run_s_paces_are_those_of_its_last_ten_minutes(tmp_path):
    def line(stage: str, step: int, **more: float) -> str:
        return json.dumps({"stage": stage, "step": step, "wall_time": 1.0, **more}) + "\n"

    fast, slow = {"images_per_second": 80.0}, {"images_per_second": 4.0}
    lines = [line("pose_detector", 1), line("pose_detector", 51, **fast), line("pose_detector", 101, **fast)]
    lines += [line("semantic", step, **(fast if step < 1000 else slow)) for step in range(100, 2000, 100)]
    lines += [line("semantic", 1900) + "{"]
    (tmp_path / "metrics.jsonl").write_text("".join(lines))
    paces = read_paces(str(tmp_path), batch_size=8)
    assert paces == {"pose_detector": Pace(101, 10.1), "semantic": Pace(300, 600.0)}
    assert read_paces(str(tmp_path), batch_size=4)["semantic"] == Pace(600, 600.0)
    assert read_paces(str(tmp_path / "nowhere"), batch_size=4) == {}


def test_a_damaged_log_is_named(tmp_path):
    (tmp_path / "metrics.jsonl").write_text('{"step": 3}\n')
    with pytest.raises(UnreadableFile, match=r"metrics\.jsonl, row 1: expected JSON with stage and step"):
        read_paces(str(tmp_path), batch_size=4)


def test_the_space_wanted_is_what_will_be_kept_and_one_more():
    assert Plan((A, B)).disk_bytes == (2 * 10 - 15) + 2 * 30 + 30
    assert Plan((PlannedStage("semantic", 4, 4, 0.0, 1.0, 10, 2, 0),)).disk_bytes == 0


def test_a_full_disk_is_told_before_the_first_step(monkeypatch, tmp_path):
    usage = collections.namedtuple("usage", "free")
    monkeypatch.setattr(plan_module.shutil, "disk_usage", lambda folder: usage(100))
    assert "100" not in check_disk(Plan((A, B)), run_options(tmp_path / "not" / "yet"))
    monkeypatch.setattr(plan_module.shutil, "disk_usage", lambda folder: usage(94))
    with pytest.raises(ConfigError, match=r"0\.0 MB for checkpoints .* 0\.0 MB free; --keep_checkpoints=1"):
        check_disk(Plan((A, B)), run_options(tmp_path))


def test_units():
    assert [duration(s) for s in (40, 1500, 11400, 4 * 86400 + 7200)] == [
        "40 s",
        "25 min",
        "3 h 10 min",
        "4 d 2 h",
    ]
    assert [size(count) for count in (1.5e6, 4.7e9)] == ["1.5 MB", "4.7 GB"]


def test_the_size_of_checkpoints_is_foretold(tmp_path):
    experiment = tiny_experiment(average_decay=0.5)
    networks = look_at_networks(experiment)
    for stage in ("pose_detector", "semantic", "end_to_end"):
        model = build_stage_model(experiment, stage)
        model.compile(make_optimizers(experiment.optimizer, stage, model.variable_groups()))
        tf.train.Checkpoint(model=model).write(str(tmp_path / stage / "state"))
        tf.train.Checkpoint(**model.networks()).write(str(tmp_path / stage / "networks"))
        written = sum(path.stat().st_size for path in (tmp_path / stage).glob("*.data-*"))
        filters = [module for module in model.submodules if isinstance(module, VggFeatures)]
        constant = sum(v.shape.num_elements() for one in filters for v in one.variables)  # less than 1 MB
        foretold = checkpoint_bytes(experiment, stage, networks)
        assert foretold == pytest.approx(written - 4 * constant, rel=0.25), stage
