"""A run directory belongs to one configuration and one training at a time."""

from __future__ import annotations

import pytest

from spt_tf.config import ConfigError, ExperimentConfig
from spt_tf.training.run_directory import claim_run_directory, read_config
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


@pytest.mark.parametrize("content", [b"", b"{", b"\xff\xfe", b'{"data": {"flip": "no"}}', b"[1]"])
def test_a_damaged_configuration_is_named_by_whoever_reads_it(tmp_path, content):
    (tmp_path / "config.json").write_bytes(content)
    for read in (read_config, lambda folder: claim_run_directory(folder, tiny_experiment()).__enter__()):
        with pytest.raises(ValueError, match=r"config\.json") as error:
            read(str(tmp_path))
        assert "\n" not in str(error.value)


def test_a_run_that_lost_its_configuration_does_not_get_another(tmp_path):
    (tmp_path / "checkpoints").mkdir()
    with pytest.raises(ConfigError, match=r"there are checkpoints but no config\.json"):
        claim_run_directory(str(tmp_path), tiny_experiment()).__enter__()
    assert not (tmp_path / "config.json").exists()


def test_a_run_directory_that_cannot_be_one_is_one_line(tmp_path):
    (tmp_path / "file").touch()
    for path in (tmp_path / "file", tmp_path / "file" / "run", tmp_path / ("x" * 300)):
        with pytest.raises(ConfigError, match=r"--run_dir=.*: cannot be written to: \w+"):
            claim_run_directory(str(path), tiny_experiment()).__enter__()


def test_two_trainings_cannot_share_a_directory(tmp_path):
    experiment = tiny_experiment()
    with claim_run_directory(str(tmp_path), experiment), pytest.raises(ConfigError, match="another process"):
        claim_run_directory(str(tmp_path), experiment).__enter__()
