"""The ladder to twice the canvas: half size, the enhancer alone while alpha rises, everything."""

from __future__ import annotations

import numpy as np
import pytest

from spt_tf.config import ConfigError, ExperimentConfig
from spt_tf.data.annotations import read_annotations, write_pairs
from spt_tf.inference import load_finished_run
from spt_tf.training import stages
from spt_tf.training.build import build_stage_model
from spt_tf.training.checkpointing import TrainingInterrupted
from tests.data.folders import market_folder
from tests.eager import eagerly
from tests.tiny import random_batch, tiny_experiment, tiny_ladder
from tests.training.run_options import assert_same_lines, logged_lines, run_options, send_sigterm_at

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def data_dir(tmp_path_factory):
    folder = tmp_path_factory.mktemp("market")
    market_folder(folder, people=6, canvas=tiny_ladder().canvas)
    names = list(read_annotations(folder / "market-annotation-train.csv"))
    write_pairs(folder / "pseudo_labels.csv", zip(names, names[::-1]))  # the search does not run eagerly
    return str(folder)


def _ladder(data_dir: str) -> ExperimentConfig:
    return tiny_ladder(data_dir, pseudo_labels=f"{data_dir}/pseudo_labels.csv")


@pytest.fixture(scope="module")
def climbed(data_dir, tmp_path_factory):
    run_dir = tmp_path_factory.mktemp("runs") / "ladder"
    with eagerly():
        stages.train(_ladder(data_dir), run_options(run_dir))
    return run_dir


def test_the_whole_ladder_ends_in_pictures_of_the_full_canvas(climbed):
    experiment = tiny_ladder()
    assert experiment.stages == ("pose_detector", "semantic", "appearance", "enhancer", "end_to_end")
    for stage in experiment.stages:
        assert (climbed / "checkpoints" / stage / "finished").exists()
        assert (climbed / "panels" / f"{stage}-00000004.png").exists()
    run = load_finished_run(str(climbed))
    assert (run.stage, run.step, run.generator.alpha()) == ("end_to_end", 4, 1.0)
    from spt_tf.models.conditioning import source_person

    batch = random_batch(3, canvas=experiment.canvas)
    image, parsing = run.generator.transfer_pose(source_person(batch), batch["target_keypoints"])
    assert image.shape == [3, *experiment.canvas, 3] and parsing.shape == [3, *experiment.canvas, 10]


def test_stage_enhancer_begins_where_stage_appearance_ended(climbed, data_dir):
    strategy = stages.make_strategy()
    options = run_options(climbed)
    at_half = stages._prepare_model("end_to_end", _ladder(data_dir), options, strategy)
    enhancer = stages._prepare_model("enhancer", _ladder(data_dir), options, strategy)
    run = load_finished_run(str(climbed))
    for name in ("appearance_generator", "face_discriminator", "image_discriminator"):
        weights = [model.networks()[name].get_weights() for model in (enhancer, at_half)]
        # the enhancer alone has moved since, and the discriminators
        same = all(np.array_equal(one, other) for one, other in zip(*weights))
        assert same == (name == "appearance_generator"), name
    assert run.config.canvas == (64, 64)


def test_a_broken_off_stage_goes_on_with_the_same_alpha(climbed, data_dir, monkeypatch):
    """alpha is a function of the step: the resumed losses are those of the run that never stopped."""
    import shutil

    experiment = _ladder(data_dir)
    broken = climbed.parent / "broken"
    shutil.copytree(climbed, broken)
    for stage in ("enhancer", "end_to_end"):
        shutil.rmtree(broken / "checkpoints" / stage)
    send_sigterm_at(monkeypatch, step=2)
    with eagerly(), pytest.raises(TrainingInterrupted, match="step 2"):
        stages.train(experiment, run_options(broken, stage="enhancer"))
    monkeypatch.undo()
    assert load_finished_run(str(broken)).generator.alpha() == 1.0  # 3 of 3 steps are next
    with eagerly():
        stages.train(experiment, run_options(broken, stage="enhancer"))
    assert_same_lines(logged_lines(broken, "enhancer"), logged_lines(climbed, "enhancer"))


def test_alpha_rises_with_the_step():
    model = build_stage_model(tiny_ladder(fade_in_steps=4), "enhancer")
    shares = []
    for step in (0, 1, 3, 100):
        model.step.assign(step)
        assert float(model.person.alpha()) == float(model.critic.face_discriminator.alpha())
        shares.append(float(model.person.alpha()))
    assert shares == [0.25, 0.5, 1.0, 1.0]


def test_semantic_and_appearance_work_at_half_the_canvas():
    experiment = tiny_ladder()
    for stage, canvas in (("semantic", (32, 32)), ("appearance", (32, 32)), ("enhancer", (64, 64))):
        model = build_stage_model(experiment, stage)
        assert model.person.canvas == canvas
    assert model.critic.face_size == 2 * build_stage_model(experiment, "appearance").critic.face_size


def test_without_a_local_enhancer_there_is_no_such_stage(tmp_path, data_dir):
    experiment = tiny_experiment(data_dir, height=64, width=64)
    assert "enhancer" not in experiment.stages
    with pytest.raises(
        ConfigError,
        match="--stage=enhancer: this run's stages are pose_detector, semantic, appearance, end_to_end",
    ):
        stages.train(experiment, run_options(tmp_path / "run", stage="enhancer"))


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        (dict(fade_in_steps=9), "--fade_in_steps=9: expected at most --enhancer_steps=4"),
        (dict(face_size=36), "--face_size=36: expected a multiple of 8 from 24 up"),
        (dict(height=36), "--height=36: .*multiple of 8.*--local_enhancer"),
    ],
)
def test_a_ladder_that_cannot_be_climbed_is_refused(changes, message):
    with pytest.raises(ConfigError, match=message):
        tiny_ladder(**changes)
