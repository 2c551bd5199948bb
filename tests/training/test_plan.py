"""What is told before the first step, and the time left."""

from __future__ import annotations

import collections

import pytest
import tensorflow as tf

from spt_tf.config import ConfigError
from spt_tf.networks.vgg import VggFeatures
from spt_tf.training import plan as plan_module
from spt_tf.training.build import build_stage_model
from spt_tf.training.estimates import checkpoint_bytes, probe, seconds_a_step
from spt_tf.training.optimizers import make_optimizers
from spt_tf.training.plan import Plan, PlannedStage, check_disk, duration, size
from tests.tiny import tiny_experiment
from tests.training.run_options import run_options

A = PlannedStage("semantic", 100, 40, 2.0, 10, 2, 15)
B = PlannedStage("appearance", 50, 0, 10.0, 30, 2, 0)


def test_the_time_left_goes_by_what_steps_take_in_fact():
    assert Plan((A, B)).seconds_left("semantic", 40, 2.0) == 60 * 2 + 50 * 10
    assert Plan((A, B)).seconds_left("semantic", 90, 4.0) == 10 * 4 + 2 * 50 * 10
    assert Plan((A, B)).seconds_left("appearance", 49, 1.0) == 1


def test_the_space_wanted_is_what_will_be_kept_and_one_more():
    assert Plan((A, B)).disk_bytes == (2 * 10 - 15) + 2 * 30 + 30
    assert Plan((PlannedStage("semantic", 4, 4, 1.0, 10, 2, 0),)).disk_bytes == 0


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
    known = probe(experiment)
    for stage in ("pose_detector", "semantic", "end_to_end"):
        model = build_stage_model(experiment, stage)
        model.compile(make_optimizers(experiment.optimizer, stage, model.variable_groups()))
        tf.train.Checkpoint(model=model).write(str(tmp_path / stage / "state"))
        tf.train.Checkpoint(**model.networks()).write(str(tmp_path / stage / "networks"))
        written = sum(path.stat().st_size for path in (tmp_path / stage).glob("*.data-*"))
        filters = [module for module in model.submodules if isinstance(module, VggFeatures)]
        constant = sum(v.shape.num_elements() for one in filters for v in one.variables)  # less than 1 MB
        foretold = checkpoint_bytes(experiment, stage, known)
        assert foretold == pytest.approx(written - 4 * constant, rel=0.25), stage
        assert seconds_a_step(experiment, stage, known) > 0
