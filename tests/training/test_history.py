"""A run's history, and a stage that goes on with other options than it began with."""

from __future__ import annotations

import numpy as np
import pytest

from spt_tf.data.file_reading import UnreadableFile
from spt_tf.networks.vgg import VggFeatures
from spt_tf.training import stages
from spt_tf.training.build import build_stage_model
from spt_tf.training.checkpointing import Checkpointing
from spt_tf.training.checkpoints import StageCheckpoints
from spt_tf.training.history import add_to_history, examples_seen, read_history
from spt_tf.training.optimizers import make_optimizers
from tests.data.folders import market_folder
from tests.tiny import CANVAS, tiny_experiment
from tests.training.run_options import logged_lines, run_options


def test_lines_are_added_and_read(tmp_path):
    assert read_history(str(tmp_path)) == []
    add_to_history(str(tmp_path), "semantic", 0, {}, {})
    add_to_history(str(tmp_path), "semantic", 6, {"batch_size": (8, 4)}, {"accumulate": 2})
    with open(tmp_path / "history.jsonl", "a") as file:
        file.write('{"time":')
    first, second = read_history(str(tmp_path))
    assert first["changed"] == {} and first["time"] <= second["time"]
    assert second["changed"] == {"batch_size": [8, 4]} and second["run"] == {"accumulate": 2}
    assert (second["stage"], second["step"]) == ("semantic", 6)


@pytest.mark.parametrize(
    "line",
    [
        *("[]", "{}", "[" * 100_000),
        '{"stage": "semantic", "step": "1", "changed": {}}',
        '{"stage": "semantic", "step": 1, "changed": []}',
        '{"stage": "semantic", "step": 1, "changed": {"batch_size": [{}]}}',
        '{"stage": "semantic", "step": 1, "changed": {"batch_size": 3}}',
    ],
)
def test_a_line_that_is_none_of_a_history_is_named(tmp_path, line):
    add_to_history(str(tmp_path), "semantic", 0, {}, {})
    with open(tmp_path / "history.jsonl", "a") as file:
        file.write(f"{line}\n")
    with pytest.raises(UnreadableFile, match=r"history\.jsonl, row 2: expected JSON with stage, step"):
        read_history(str(tmp_path))


@pytest.mark.parametrize(
    ("changes", "seen"),
    [
        ([], 10 * 2),
        ([("semantic", 6, 8, 2)], 6 * 8 + 4 * 2),
        ([("semantic", 3, 16, 8), ("semantic", 6, 8, 2)], 3 * 16 + 3 * 8 + 4 * 2),
        ([("semantic", 0, 8, 2)], 10 * 2),
        ([("pose_detector", 5, 8, 2)], 10 * 2),
        ([("pose_detector", 5, 16, 8), ("semantic", 6, 8, 2)], 6 * 8 + 4 * 2),
        # two calls that came to nothing between them
        ([("semantic", 6, 8, 4), ("semantic", 6, 4, 2)], 6 * 8 + 4 * 2),
    ],
)
def test_examples_are_counted_across_batch_sizes(changes, seen):
    history = [
        {"stage": stage, "step": step, "changed": {"batch_size": [old, new]}}
        for stage, step, old, new in changes
    ]
    assert examples_seen(history, "semantic", 10, 2) == seen


@pytest.mark.slow
def test_a_run_goes_on_with_a_smaller_batch_and_more_steps(tmp_path, monkeypatch):
    market_folder(tmp_path / "data", people=6, canvas=CANVAS)
    data_dir, run = str(tmp_path / "data"), run_options(tmp_path / "run", stage="pose_detector")
    with monkeypatch.context() as patched:
        patched.setattr(StageCheckpoints, "finish", lambda self: None)  # stopped at step 2
        stages.train(tiny_experiment(data_dir, pose_detector_steps=2, batch_size=4), run)
    begun_at, batches = [], stages.training_batches

    def remember(*given, start_example, **more):
        begun_at.append(start_example)
        return batches(*given, start_example=start_example, **more)

    monkeypatch.setattr(stages, "training_batches", remember)
    stages.train(tiny_experiment(data_dir, pose_detector_steps=4, learning_rate=1e-3), run)
    assert 2 * 4 in begun_at
    assert [line["step"] for line in logged_lines(tmp_path / "run")] == [2, 4]
    first, second = read_history(str(tmp_path / "run"))
    assert (first["step"], first["changed"]) == (0, {}) and first["run"]["stage"] == "pose_detector"
    assert (second["stage"], second["step"]) == ("pose_detector", 2)
    assert second["changed"] == {
        "batch_size": [4, 2],
        "learning_rate": [2e-4, 1e-3],
        "pose_detector_steps": [2, 4],
    }


def _appearance(**changes):
    experiment = tiny_experiment(**changes)
    model = build_stage_model(experiment, "appearance")
    model.compile(make_optimizers(experiment.optimizer, "appearance", model.variable_groups()))
    return model


def test_a_stage_takes_on_a_new_loss_term_and_other_filters(tmp_path):
    before = _appearance()
    saving = Checkpointing(StageCheckpoints(str(tmp_path)), 1, 9, "appearance")
    saving.set_model(before)
    saving.after_step(1, {})
    after = _appearance(lambda_self=1.0)
    (filters,) = (module for module in after.submodules if isinstance(module, VggFeatures))
    filters.set_weights([weights + 1 for weights in filters.get_weights()])
    given = filters.get_weights()
    for variable in after.person.appearance_variables():
        variable.assign(variable + 1)
    restoring = Checkpointing(StageCheckpoints(str(tmp_path)), 1, 9, "appearance")
    restoring.set_model(after)
    restoring.on_epoch_begin(0)
    for one, other in zip(before.person.appearance_variables(), after.person.appearance_variables()):
        np.testing.assert_array_equal(one, other)
    for one, other in zip(filters.get_weights(), given):
        np.testing.assert_array_equal(one, other)
