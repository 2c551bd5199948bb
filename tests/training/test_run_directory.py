"""A run directory belongs to one configuration and one training at a time."""

from __future__ import annotations

import pytest

from spt_tf.config import ConfigError, ExperimentConfig
from spt_tf.training.run_directory import claim_run_directory
from tests.tiny import tiny_experiment


def test_a_new_directory_gets_its_configuration(tmp_path):
    experiment = tiny_experiment()
    with claim_run_directory(str(tmp_path / "run"), experiment):
        pass
    text = (tmp_path / "run" / "config.json").read_text(encoding="utf8")
    assert ExperimentConfig.from_json(text) == experiment


def test_another_configuration_is_refused_and_named(tmp_path):
    with claim_run_directory(str(tmp_path), tiny_experiment()):
        pass
    before = (tmp_path / "config.json").read_bytes()
    with pytest.raises(ConfigError, match=r"--lambda_sty was 1\.0 and is 2\.0"):
        claim_run_directory(str(tmp_path), tiny_experiment(lambda_sty=2.0)).__enter__()
    assert (tmp_path / "config.json").read_bytes() == before


def test_two_trainings_cannot_share_a_directory(tmp_path):
    experiment = tiny_experiment()
    with claim_run_directory(str(tmp_path), experiment), pytest.raises(ConfigError, match="another process"):
        claim_run_directory(str(tmp_path), experiment).__enter__()
