"""What a run says of held-out pairs while it trains."""

from __future__ import annotations

import numpy as np
import pytest

from spt_tf.config import ConfigError
from spt_tf.data.annotations import write_pairs
from spt_tf.evaluation.held_out import load_held_out, pose_errors
from spt_tf.training import stages
from spt_tf.training.build import build_stage_model
from spt_tf.training.checkpointing import TrainingInterrupted
from tests.data.folders import market_folder
from tests.tiny import CANVAS, tiny_experiment, tiny_ladder
from tests.training.run_options import assert_same_lines, logged_lines, run_options, send_sigterm_at

pytestmark = pytest.mark.slow

WITH_TARGETS = {"ssim", "mask_ssim", "parsing_miou"}
OF_ANY_PAIR = {"cycle_ssim", "pose_error"}


def _folder(folder, canvas=CANVAS):
    for split in ("train", "test"):
        market_folder(folder, split, people=6, canvas=canvas)
    return str(folder)


@pytest.fixture(scope="module")
def data_dir(tmp_path_factory):
    return _folder(tmp_path_factory.mktemp("market"))


def _options(tmp_path, **changes):
    return run_options(tmp_path / "run", validate_every=3, **changes)


@pytest.mark.parametrize(
    ("stage", "expected"),
    [
        ("pose_detector", {"pose_error"}),
        ("semantic", {"parsing_miou"}),
        ("appearance", WITH_TARGETS | OF_ANY_PAIR),
        ("end_to_end", WITH_TARGETS | OF_ANY_PAIR),
    ],
)
def test_each_stage_is_scored_as_far_as_its_networks_go(data_dir, tmp_path, stage, expected):
    experiment = tiny_experiment(data_dir)
    scores = load_held_out(experiment, _options(tmp_path))(build_stage_model(experiment, stage))
    assert scores.keys() == expected
    assert all(np.isfinite(score) for score in scores.values())


def test_without_semantics_there_is_no_parsing_to_score(data_dir, tmp_path):
    experiment = tiny_experiment(data_dir, semantics=False, style="mask")
    scores = load_held_out(experiment, _options(tmp_path))(build_stage_model(experiment, "appearance"))
    assert scores.keys() == (WITH_TARGETS | OF_ANY_PAIR) - {"parsing_miou"}
    supervised = tiny_experiment(data_dir, semantics=False, paired=True)
    scores = load_held_out(supervised, _options(tmp_path))(build_stage_model(supervised, "appearance"))
    assert scores.keys() == WITH_TARGETS - {"parsing_miou"}


def test_a_stage_at_half_the_size_is_scored_there(tmp_path):
    experiment = tiny_ladder(_folder(tmp_path / "data", tiny_ladder().canvas))
    held_out = load_held_out(experiment, _options(tmp_path))
    for stage in ("semantic", "appearance", "enhancer"):
        assert "parsing_miou" in held_out(build_stage_model(experiment, stage))


def test_without_true_targets_the_cycle_and_the_pose_are_scored(tmp_path):
    folder = _folder(tmp_path / "data")
    (tmp_path / "data" / "market-pairs-test.csv").unlink()
    experiment = tiny_experiment(folder)
    scores = load_held_out(experiment, _options(tmp_path))(build_stage_model(experiment, "end_to_end"))
    assert scores.keys() == OF_ANY_PAIR


def test_a_perfect_model_has_perfect_scores(data_dir, tmp_path, monkeypatch):
    """Who gives back the true target, its parsing, the source and its joints."""
    import tensorflow as tf

    from spt_tf.evaluation import held_out

    def perfect(model, batch):
        place = tf.cast(tf.round(batch["target_keypoints"]), tf.int32)
        y, x = (tf.one_hot(place[..., axis], CANVAS[axis], axis=1) for axis in (0, 1))
        heatmaps = y[:, :, None] * x[:, None]
        return held_out.Generated(
            batch["target_image"], batch["target_parsing"], batch["source_image"], heatmaps
        )

    monkeypatch.setattr(held_out, "_generated", perfect)
    experiment = tiny_experiment(data_dir)
    scores = load_held_out(experiment, _options(tmp_path))(build_stage_model(experiment, "appearance"))
    expected = {**dict.fromkeys(WITH_TARGETS, 1.0), "cycle_ssim": 1.0, "pose_error": 0.0}
    assert scores == pytest.approx(expected, abs=1e-6)


def test_pose_errors_are_distances_of_the_joints_there_are():
    keypoints = np.full([2, 18, 2], -1.0)
    keypoints[0, 3], keypoints[0, 5] = (2, 3), (0, 0)
    heatmaps = np.zeros([2, 8, 8, 18])
    heatmaps[0, 5, 7, 3] = heatmaps[0, 0, 0, 5] = 1.0
    np.testing.assert_array_equal(pose_errors(keypoints, heatmaps), [(5.0 + 0.0) / 2, np.nan])


def test_the_pairs_are_those_of_the_list_up_to_the_limit(data_dir, tmp_path):
    experiment = tiny_experiment(data_dir)
    names = [f"{number + 1:04d}_c1s1_000001_00.jpg" for number in range(6)]
    write_pairs(tmp_path / "held_out.csv", [(names[4], names[5]), (names[5], names[4])])
    options = _options(tmp_path, validation_pairs=str(tmp_path / "held_out.csv"), validation_limit=1)
    assert load_held_out(experiment, options)._pairs == ((names[4], names[5]),)
    write_pairs(tmp_path / "strangers.csv", [("nobody.jpg", names[0])])
    for name in ("strangers.csv", "missing.csv"):
        with pytest.raises(ConfigError, match=f"--validation_pairs=.*{name}"):
            load_held_out(experiment, _options(tmp_path, validation_pairs=str(tmp_path / name)))


def test_validation_changes_nothing_and_a_resumed_run_writes_the_same(data_dir, tmp_path, monkeypatch):
    """With an average of weights, which validation puts in and takes out again."""
    experiment = tiny_experiment(data_dir, average_decay=0.5, dropout=0.5, semantic_steps=6)
    options = dict(stage="semantic", checkpoint_every=100, validation_limit=2)
    held_out = load_held_out(experiment, run_options(tmp_path, **options))
    stages.train(experiment, run_options(tmp_path / "without", **options))
    options["validate_every"] = 2
    stages.train(experiment, run_options(tmp_path / "whole", **options), held_out)
    send_sigterm_at(monkeypatch, step=3)
    with pytest.raises(TrainingInterrupted):
        stages.train(experiment, run_options(tmp_path / "broken", **options), held_out)
    monkeypatch.undo()
    stages.train(experiment, run_options(tmp_path / "broken", **options), held_out)
    lines = logged_lines(tmp_path / "whole")
    assert_same_lines(logged_lines(tmp_path / "broken"), lines)
    validation = [line for line in lines if "validation/parsing_miou" in line]
    assert [line["step"] for line in validation] == [2, 4, 6]
    assert_same_lines(
        [line for line in lines if "cross_entropy" in line], logged_lines(tmp_path / "without"), rtol=0
    )
