"""Training with a finder as P."""

from __future__ import annotations

import shutil

import numpy as np
import pytest
import tensorflow as tf

from spt_tf.config import ConfigError
from spt_tf.inference import load_finished_run
from spt_tf.perception.finder import load_finder
from spt_tf.training import stages
from spt_tf.training.build import build_pose_detector
from spt_tf.training.run_directory import RunNotFound
from spt_tf.training.stage_work import look_at_networks
from tests.data.folders import market_folder
from tests.perception.tiny import write_untrained_finder
from tests.tiny import CANVAS, tiny_experiment, tiny_ladder
from tests.training.run_options import run_options

pytestmark = pytest.mark.slow


def test_a_run_is_judged_by_the_finder_and_trains_no_detector_of_its_own(tmp_path):
    market_folder(tmp_path / "data", people=6, canvas=CANVAS)
    finder = write_untrained_finder(tmp_path / "finder")
    experiment = tiny_experiment(
        str(tmp_path / "data"), semantics=False, style="mask", pose_finder=finder, appearance_steps=2
    )
    assert experiment.stages == ("appearance",)
    looked_at = look_at_networks(experiment)
    detector = build_pose_detector(experiment)
    assert looked_at.count({"pose_detector"}) == detector.finder.count_params()
    kernels = [layer for layer in detector.finder.layers if isinstance(layer, tf.keras.layers.Conv2D)]
    assert looked_at.forward["pose_detector"].convolutions == len(kernels)
    stages.train(experiment, run_options(tmp_path / "run"))
    finished = load_finished_run(str(tmp_path / "run"))
    for one, other in zip(finished.pose_detector.finder.weights, load_finder(finder).network.weights):
        np.testing.assert_array_equal(one, other)
    assert finished.pose_detector(tf.zeros([1, *CANVAS, 3])).shape == (1, *CANVAS, 18)
    shutil.rmtree(finder)
    assert load_finished_run(str(tmp_path / "run")).pose_detector is None


def test_what_is_no_finder_and_what_looks_at_other_images_is_refused(tmp_path):
    with pytest.raises(RunNotFound, match=r"train_perception\.py"):
        build_pose_detector(tiny_experiment(pose_finder=str(tmp_path)))
    finder = write_untrained_finder(tmp_path / "finder")
    with pytest.raises(ConfigError, match="it looks at images of 32x32, these are 64x64"):
        build_pose_detector(tiny_ladder(pose_finder=finder))


def test_no_stage_starts_from_the_one_that_is_not_there():
    for experiment in (tiny_experiment(pose_finder="f"), tiny_ladder(pose_finder="f")):
        assert "pose_detector" not in experiment.stages
        for stage in experiment.stages:
            assert "pose_detector" not in experiment.starts_from(stage)
