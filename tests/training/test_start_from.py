"""A run that copies stages from another, and what it refuses."""

from __future__ import annotations

import dataclasses
import json

import pytest

from spt_tf.config import ConfigError, LossConfig
from spt_tf.training import start_from
from spt_tf.training.checkpoints import StageCheckpoints
from spt_tf.training.run_directory import RunNotFound
from spt_tf.training.start_from import copy_stages
from tests.tiny import tiny_experiment


def _finish(run_dir, stage, text):
    checkpoints = StageCheckpoints(str(run_dir / "checkpoints" / stage))
    temporary = checkpoints.begin()
    with open(f"{temporary}/networks.index", "w") as file:
        file.write(text)
    checkpoints.commit(temporary, 4)
    checkpoints.finish()


@pytest.fixture
def other(tmp_path):
    """A run directory with both stages finished, as far as files go."""
    for stage in ("pose_detector", "semantic", "appearance"):
        _finish(tmp_path / "other", stage, f"their {stage}")
    (tmp_path / "other" / "config.json").write_text(tiny_experiment().to_json())
    (tmp_path / "other" / "pseudo_labels.csv").write_text("from,to,energy\n")
    (tmp_path / "ours").mkdir()
    return str(tmp_path / "other")


def _networks(run_dir, stage):
    return (run_dir / "checkpoints" / stage / "step-00000004" / "networks.index").read_text()


def test_stages_that_would_be_the_same_are_taken_over_once(other, tmp_path):
    ours = tmp_path / "ours"
    experiment = tiny_experiment(style="mask", appearance_steps=9, lambda_sty=3.0)
    assert copy_stages(other, str(ours), experiment) == ["pose_detector", "semantic"]
    assert _networks(ours, "semantic") == "their semantic"
    assert not (ours / "checkpoints" / "appearance").exists() and (ours / "pseudo_labels.csv").exists()
    assert copy_stages(other, str(ours), experiment) == []


def test_a_stage_that_this_run_has_is_kept(other, tmp_path):
    _finish(tmp_path / "ours", "semantic", "our own")
    assert copy_stages(other, str(tmp_path / "ours"), tiny_experiment()) == ["pose_detector"]
    assert _networks(tmp_path / "ours", "semantic") == "our own"


def test_without_semantics_the_pose_detector_is_taken_over(other, tmp_path):
    experiment = tiny_experiment(semantics=False, style="mask", generator_levels=2)
    assert copy_stages(other, str(tmp_path / "ours"), experiment) == ["pose_detector"]
    supervised = tiny_experiment(semantics=False, paired=True)
    (tmp_path / "third").mkdir()
    assert copy_stages(other, str(tmp_path / "third"), supervised) == []


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        (dict(seed=5), "stage pose_detector .*--seed was 0 and is 5"),
        (dict(generator_width=0.08), r"stage semantic .*--generator_width was 0\.04 and is 0\.08"),
        (dict(upsampling="resize"), "stage semantic .*--upsampling was transposed and is resize"),
        (dict(centred_warps=True), "stage semantic .*--centred_warps was False and is True"),
    ],
)
def test_stages_that_would_differ_are_refused(other, tmp_path, changes, message):
    with pytest.raises(ConfigError, match=f"--start_from=.*{message}"):
        copy_stages(other, str(tmp_path / "ours"), tiny_experiment(**changes))


def test_a_stage_that_was_trained_with_another_batch_is_copied_and_that_is_recorded(other, tmp_path, caplog):
    ours = tmp_path / "ours"
    experiment = tiny_experiment(batch_size=1, learning_rate=1e-3)
    assert copy_stages(other, str(ours), experiment) == ["pose_detector", "semantic"]
    record = json.loads((ours / "taken_over.json").read_text())
    assert record["trained_otherwise"]["semantic"] == {
        "batch_size": [2, 1],
        "learning_rate": [2e-4, 1e-3],
    }
    assert "--batch_size was 2 and is 1" in caplog.text


def test_no_run_is_refused(tmp_path):
    with pytest.raises(RunNotFound, match=r"no config\.json"):
        copy_stages(str(tmp_path), str(tmp_path / "ours"), tiny_experiment())


@dataclasses.dataclass(frozen=True)
class NewerLossConfig(LossConfig):
    """With an option that no stage's description has heard of."""

    lambda_new: float = 0.0


def test_an_option_that_nobody_thought_of_is_compared(other, tmp_path, monkeypatch):
    experiment = tiny_experiment()
    loss = NewerLossConfig(**dataclasses.asdict(experiment.loss))
    newer = dataclasses.replace(experiment, loss=loss)
    monkeypatch.setattr(start_from, "read_config", lambda _: newer)
    changed = dataclasses.replace(newer, loss=dataclasses.replace(loss, lambda_new=1.0))
    with pytest.raises(ConfigError, match=r"stage pose_detector .*--lambda_new was 0\.0 and is 1\.0"):
        copy_stages(other, str(tmp_path / "ours"), changed)
    assert copy_stages(other, str(tmp_path / "ours"), newer) == ["pose_detector", "semantic"]
