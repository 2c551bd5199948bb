"""Training as a user runs it: in order, interrupted, killed, diverging, refused."""

from __future__ import annotations

import pathlib
import signal
import subprocess
import sys

import numpy as np
import pytest

from spt_tf.config import ConfigError
from spt_tf.data.file_reading import UnreadableFile
from spt_tf.inference import load_finished_run
from spt_tf.training import stages
from spt_tf.training.checkpointing import TrainingInterrupted
from spt_tf.training.divergence import TrainingDiverged
from spt_tf.training.run_directory import RunNotFound
from tests.data.folders import market_folder
from tests.tiny import CANVAS, random_batch, tiny_experiment
from tests.training.run_options import assert_same_lines, logged_lines, run_options, send_sigterm_at

pytestmark = pytest.mark.slow

STAGES = tiny_experiment().stages
ROOT = pathlib.Path(__file__).resolve().parents[2]
# scripts/train.py, killed in the middle: no other process has to catch the moment.
DIES_AT_15 = """
import signal, pytest
from spt_tf.commands.train import run
from tests.training.run_options import send_sigterm_at
send_sigterm_at(pytest.MonkeyPatch(), 15, signal.SIGKILL)
run()
"""


@pytest.fixture(scope="module")
def data_dir(tmp_path_factory):
    folder = tmp_path_factory.mktemp("market")
    market_folder(folder, people=6, canvas=CANVAS)
    return str(folder)


@pytest.fixture(scope="module")
def finished(data_dir, tmp_path_factory):
    """A run of all four stages."""
    run_dir = tmp_path_factory.mktemp("runs") / "all"
    stages.train(tiny_experiment(data_dir, average_decay=0.5), run_options(run_dir))
    return run_dir


def test_all_stages_leave_checkpoints_panels_and_scalars(finished):
    for stage in STAGES:
        assert (finished / "checkpoints" / stage / "finished").exists()
        assert (finished / "panels" / f"{stage}-00000004.png").stat().st_size > 100
        assert any((finished / "tensorboard" / stage).iterdir())
    assert [(line["stage"], line["step"]) for line in logged_lines(finished)] == [
        (stage, step) for stage in STAGES for step in (2, 4)
    ]
    assert (finished / "pseudo_labels.csv").exists()


def test_finished_stages_are_skipped(finished, data_dir, monkeypatch):
    monkeypatch.setattr(stages, "_train_stage", lambda *_: pytest.fail("trained again"))
    stages.train(tiny_experiment(data_dir, average_decay=0.5), run_options(finished))


def test_a_finished_run_moves_people(finished):
    run = load_finished_run(str(finished))
    assert (run.stage, run.step) == ("end_to_end", 4)
    batch = random_batch(3)
    from spt_tf.models.conditioning import source_person

    image, parsing = run.generator.transfer_pose(source_person(batch), batch["target_keypoints"])
    assert image.shape == [3, *CANVAS, 3] and parsing.shape == [3, *CANVAS, 10]
    np.testing.assert_allclose(parsing.numpy().sum(-1), 1, atol=1e-5)
    assert load_finished_run(str(finished), canvas=(64, 32)).generator.canvas == (64, 32)


def test_a_directory_that_is_no_run_is_refused(tmp_path):
    with pytest.raises(RunNotFound, match=r"no config\.json"):
        load_finished_run(str(tmp_path))


def test_a_run_that_has_not_come_far_enough_is_refused(tmp_path):
    (tmp_path / "config.json").write_text(tiny_experiment().to_json(), encoding="utf8")
    with pytest.raises(RunNotFound, match="no checkpoint of stage"):
        load_finished_run(str(tmp_path))


def test_a_stage_alone_wants_what_it_starts_from(tmp_path, data_dir):
    with pytest.raises(ConfigError, match="stage pose_detector is not finished"):
        stages.train(tiny_experiment(data_dir), run_options(tmp_path / "run", stage="appearance"))


def test_a_dry_run_writes_nothing(tmp_path, data_dir, capsys):
    stages.train(tiny_experiment(data_dir), run_options(tmp_path / "run", dry_run=True))
    told = capsys.readouterr().out.splitlines()
    assert [line.split()[:3] for line in told[1:6]] == [
        *([stage, "4", "4"] for stage in STAGES),
        ["all", "16", "16"],
    ]
    assert "guessed" in told[6] and "free" in told[7]
    assert not (tmp_path / "run").exists()


def test_a_missing_pseudo_label_file_is_named(tmp_path, data_dir):
    experiment = tiny_experiment(data_dir, pseudo_labels="missing.csv")
    with pytest.raises(ConfigError, match=r"--pseudo_labels=missing\.csv"):
        stages.train(experiment, run_options(tmp_path / "run", stage="semantic"))


def test_sigterm_saves_and_the_rest_is_as_if_nothing_had_happened(tmp_path, data_dir, monkeypatch):
    experiment = tiny_experiment(data_dir, dropout=0.5, semantic_steps=6, average_decay=0.5)
    stages.train(experiment, run_options(tmp_path / "whole", stage="semantic"))
    send_sigterm_at(monkeypatch, step=3)
    with pytest.raises(TrainingInterrupted, match="step 3"):
        stages.train(experiment, run_options(tmp_path / "broken", stage="semantic", checkpoint_every=100))
    monkeypatch.undo()
    assert (tmp_path / "broken" / "checkpoints" / "semantic" / "step-00000003").is_dir()
    stages.train(experiment, run_options(tmp_path / "broken", stage="semantic", checkpoint_every=100))
    assert_same_lines(logged_lines(tmp_path / "broken"), logged_lines(tmp_path / "whole"))


def test_a_loss_that_is_not_a_number_stops_and_is_named(tmp_path, data_dir):
    experiment = tiny_experiment(data_dir, learning_rate=1e30, clip_norm=0.0, semantic_steps=20)
    with pytest.raises(TrainingDiverged, match=r"stage semantic, step \d+: .*cross_entropy.* not finite"):
        stages.train(experiment, run_options(tmp_path / "run", stage="semantic", checkpoint_every=1))
    kept = stages._checkpoints(run_options(tmp_path / "run"), "semantic")
    assert 0 < kept.latest_step() < 20
    assert not kept.is_finished()


def test_an_image_destroyed_while_it_trains_is_named(tmp_path, monkeypatch):
    names, fit_stage = market_folder(tmp_path, people=4, canvas=CANVAS), stages.fit_stage

    def destroy_and_fit(*arguments):
        (tmp_path / "train" / names[2]).write_bytes(b"")
        fit_stage(*arguments)

    monkeypatch.setattr(stages, "fit_stage", destroy_and_fit)
    with pytest.raises(UnreadableFile, match=rf"train/{names[2]}: .*an empty file; it was a good one"):
        stages.train(tiny_experiment(str(tmp_path)), run_options(tmp_path / "run", stage="pose_detector"))


def test_kill_9_loses_at_most_the_steps_since_the_last_checkpoint(tmp_path, data_dir):
    flags = [
        f"--data_dir={data_dir}",
        "--stage=pose_detector",
        "--height=32",
        "--width=32",
        "--pose_detector_width=0.04",
        "--pose_detector_steps=30",
        "--pose_detector_blocks=1",
        "--batch_size=2",
        "--log_every=5",
        "--checkpoint_every=10",
        "--panel_every=1000",
    ]
    train = [sys.executable, "scripts/train.py", *flags]
    whole, broken = tmp_path / "whole", tmp_path / "broken"
    subprocess.run([*train, f"--run_dir={whole}"], cwd=ROOT, check=True)
    killed = subprocess.run([sys.executable, "-c", DIES_AT_15, *flags, f"--run_dir={broken}"], cwd=ROOT)
    assert killed.returncode == -signal.SIGKILL
    folder = broken / "checkpoints" / "pose_detector"
    assert [path.name for path in folder.iterdir()] == ["step-00000010"]
    subprocess.run([*train, f"--run_dir={broken}"], cwd=ROOT, check=True)
    assert_same_lines(logged_lines(broken), logged_lines(whole))
