"""Training the finder: what it leaves, interrupted and not, on one replica and on two."""

from __future__ import annotations

import pathlib
import shutil

import numpy as np
import pytest
import tensorflow as tf

from spt_tf.config import ConfigError
from spt_tf.data.file_reading import UnreadableFile
from spt_tf.inference import load_finished_run
from spt_tf.perception import train
from spt_tf.perception.examples import perception_batches
from spt_tf.perception.finder import load_finder
from spt_tf.perception.train import build_perception_model, train_finder
from spt_tf.training.checkpointing import TrainingInterrupted
from spt_tf.training.run_directory import RunNotFound
from tests.data.folders import market_folder
from tests.perception.tiny import CANVAS, run_options, tiny_config, write_finder_run
from tests.tiny import tiny_experiment
from tests.training.run_options import assert_same_lines, logged_lines, send_sigterm_at

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def finished(tmp_path_factory):
    return pathlib.Path(write_finder_run(tmp_path_factory.mktemp("runs") / "whole", perception_steps=4))


def test_a_run_leaves_a_checkpoint_a_panel_and_scalars(finished):
    assert (finished / "checkpoints" / "perception" / "finished").exists()
    assert (finished / "panels" / "perception-00000004.png").stat().st_size > 100
    assert any((finished / "tensorboard" / "perception").iterdir())
    assert [line["step"] for line in logged_lines(finished)] == [2, 4]


def test_an_interrupted_run_learns_what_a_whole_one_does(finished, tmp_path, monkeypatch):
    config = tiny_config(perception_steps=4)
    with monkeypatch.context() as patch, pytest.raises(TrainingInterrupted):
        send_sigterm_at(patch, 2)
        train_finder(config, run_options(tmp_path))
    train_finder(config, run_options(tmp_path))
    assert_same_lines(logged_lines(finished), logged_lines(tmp_path))
    image = np.random.default_rng(0).integers(0, 256, (*CANVAS, 3), np.uint8)
    for one, other in zip(load_finder(finished).find(image), load_finder(tmp_path).find(image)):
        np.testing.assert_allclose(one, other, rtol=1e-3, atol=1e-3)


@pytest.mark.parametrize("dry_run", [False, True], ids=["real call", "dry run"])
def test_a_run_of_other_options_is_refused(finished, dry_run):
    with pytest.raises(ConfigError, match=r"--joint_weight was 0\.5 and is 2\.0"):
        config = tiny_config(perception_steps=4, joint_weight=2.0)
        train_finder(config, run_options(finished, dry_run=dry_run))


def test_a_dry_run_says_that_there_is_nothing_to_begin_with(tmp_path):
    with pytest.raises(RunNotFound, match="nowhere"):
        config = tiny_config(start_from=str(tmp_path / "nowhere"))
        train_finder(config, run_options(tmp_path / "run", dry_run=True))


def test_it_learns_from_people_in_files(tmp_path):
    market_folder(tmp_path / "data", people=4, canvas=CANVAS)
    train_finder(tiny_config(data_dir=str(tmp_path / "data")), run_options(tmp_path / "run"))
    assert load_finder(tmp_path / "run").step == 2


def test_an_image_destroyed_while_it_trains_is_named(tmp_path, monkeypatch):
    names, fit_stage = market_folder(tmp_path, people=4, canvas=CANVAS), train.fit_stage

    def destroy_and_fit(*arguments):
        (tmp_path / "train" / names[2]).unlink()
        fit_stage(*arguments)

    monkeypatch.setattr(train, "fit_stage", destroy_and_fit)
    with pytest.raises(UnreadableFile, match=rf"train/{names[2]}: no such file; it was a good one"):
        train_finder(tiny_config(data_dir=str(tmp_path)), run_options(tmp_path / "run"))


def test_it_begins_with_the_weights_of_a_finder_of_another_canvas(finished, tmp_path):
    config = tiny_config(start_from=str(finished), height=48, learning_rate=0.0, average_decay=0.0)
    train_finder(config, run_options(tmp_path))
    for one, other in zip(load_finder(finished).network.weights, load_finder(tmp_path).network.weights):
        if "moving" not in one.name:
            np.testing.assert_allclose(one, other, atol=1e-6)
    with pytest.raises(ConfigError, match=r"--finder_width=0\.2, this one is of 0\.3"):
        train_finder(tiny_config(start_from=str(finished), finder_width=0.3), run_options(tmp_path / "wide"))


def test_going_on_needs_the_run_it_began_with_no_more(finished, tmp_path, monkeypatch):
    begun_with = shutil.copytree(finished, tmp_path / "begun_with")
    config = tiny_config(perception_steps=4, start_from=str(begun_with))
    with monkeypatch.context() as patch, pytest.raises(TrainingInterrupted):
        send_sigterm_at(patch, 2)
        train_finder(config, run_options(tmp_path / "run"))
    shutil.rmtree(begun_with)
    train_finder(config, run_options(tmp_path / "run", dry_run=True))
    train_finder(config, run_options(tmp_path / "run"))
    assert load_finder(tmp_path / "run").step == 4


def test_held_out_people_are_scored_while_it_learns(tmp_path):
    from spt_tf.evaluation.finder_scores import held_out_scores

    config, run = tiny_config(), run_options(tmp_path, validate_every=2, validation_limit=3)
    train_finder(config, run, held_out_scores(config, run))
    scores = next(line for line in logged_lines(tmp_path) if "validation/miou" in line)
    assert 0 <= scores["validation/miou"] <= scores["validation/miou_sides_merged"] + 0.2


def test_runs_of_the_two_kinds_are_not_taken_for_each_other(finished, tmp_path):
    (tmp_path / "generator").mkdir()
    (tmp_path / "generator" / "config.json").write_text(tiny_experiment().to_json())
    with pytest.raises(ConfigError, match="expected the groups people, finder"):
        load_finder(tmp_path / "generator")
    with pytest.raises(ConfigError, match="expected the groups data, network"):
        load_finished_run(str(finished))
    with pytest.raises(RunNotFound, match=r"train_perception\.py"):
        load_finder(tmp_path)


def _after_a_step(batch, devices):
    config = tiny_config()
    strategy = tf.distribute.MirroredStrategy(devices)
    with strategy.scope():
        model = build_perception_model(config)
        model.compile({"person_finder": tf.keras.optimizers.SGD(0.1)})
    logs = model.fit(tf.data.Dataset.from_tensors(batch), verbose=0, epochs=1).history
    return logs, [variable.numpy() for variable in model.finder.variables]


def test_one_replica_equals_two():
    """Batch statistics are those of the whole batch."""
    (batch,) = perception_batches(tiny_config(), None, 4).take(1)
    (one_logs, one), (two_logs, two) = (
        _after_a_step(batch, devices) for devices in (["/cpu:0"], ["/cpu:0", "/cpu:1"])
    )
    for name, values in one_logs.items():
        np.testing.assert_allclose(values, two_logs[name], rtol=1e-3, err_msg=name)
    for left, right in zip(one, two):
        np.testing.assert_allclose(left, right, rtol=1e-3, atol=2e-4)
