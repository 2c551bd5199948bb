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


def _claim(run_dir, **changes) -> None:
    with claim_run_directory(str(run_dir), tiny_experiment(**changes)):
        pass


def test_another_configuration_is_refused_and_named(tmp_path):
    _claim(tmp_path)
    (tmp_path / "checkpoints" / "semantic" / "step-00000002").mkdir(parents=True)
    before = (tmp_path / "config.json").read_bytes()
    with pytest.raises(ConfigError, match=r"--generator_width was 0\.04 and is 0\.08 \(stage semantic has"):
        _claim(tmp_path, generator_width=0.08, lambda_sty=2.0)
    assert (tmp_path / "config.json").read_bytes() == before


def test_a_change_that_leaves_stages_what_they_are_is_taken_on_and_told(tmp_path, caplog):
    _claim(tmp_path)
    (tmp_path / "checkpoints" / "semantic" / "step-00000002").mkdir(parents=True)
    told = []
    with claim_run_directory(
        str(tmp_path), tiny_experiment(batch_size=1), record=lambda changes: told.append(dict(changes))
    ):
        assert read_config(str(tmp_path)).optimizer.batch_size == 1
    assert told == [{"batch_size": (2, 1)}]
    assert "--batch_size was 2 and is 1" in caplog.text


def test_a_run_in_which_nothing_has_begun_may_become_any_other(tmp_path):
    _claim(tmp_path)
    _claim(tmp_path, generator_width=0.08, seed=3)
    assert read_config(str(tmp_path)) == tiny_experiment(generator_width=0.08, seed=3)


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
