"""Which options a run may change, and when."""

from __future__ import annotations

import dataclasses

import pytest

from spt_tf.config import STAGES
from spt_tf.training.changes import HOW_TRAINED, Progress, find_changes, options_of, refusals
from tests.tiny import tiny_experiment

POSE_DONE = {"pose_detector": Progress(4, True)}
IN_SEMANTIC = {**POSE_DONE, "semantic": Progress(2, False)}
IN_APPEARANCE = {**POSE_DONE, "semantic": Progress(4, True), "appearance": Progress(2, False)}


def _refusals(progress, has_pseudo_labels=False, **changes):
    found = find_changes(tiny_experiment(), tiny_experiment(**changes))
    assert set(found) == set(changes)
    return refusals(found, progress, has_pseudo_labels)


@pytest.mark.parametrize(
    "changes",
    [
        dict(batch_size=1),
        dict(learning_rate=1e-3, decay_from=0.5, clip_norm=1.0),
        dict(appearance_steps=9, end_to_end_steps=1),
        dict(lambda_self=1.0, lambda_sty=2.0),
        dict(vgg_weights="imagenet"),
    ],
)
def test_how_a_stage_is_trained_may_change_at_any_time(changes):
    for progress in ({}, POSE_DONE, IN_SEMANTIC, IN_APPEARANCE):
        assert _refusals(progress, **changes) == {}


@pytest.mark.parametrize(
    ("changes", "progress", "why"),
    [
        (dict(generator_width=0.08), IN_SEMANTIC, "stage semantic has begun: its networks would not be"),
        (dict(height=64), POSE_DONE, "stage pose_detector has begun: its networks would not be the same"),
        (dict(seed=1), POSE_DONE, "stage pose_detector has begun: which examples it has seen"),
        (dict(data_dir="elsewhere"), POSE_DONE, "it has learned from other people or pairs"),
        (dict(semantic_steps=9), IN_APPEARANCE, "stage semantic is finished, after 4 steps"),
        (dict(semantic_steps=1), IN_SEMANTIC, "stage semantic has done 2 steps"),
        (dict(average_decay=0.9), IN_SEMANTIC, "stage semantic has begun: its checkpoints hold it"),
        (dict(initial_run="runs/other"), POSE_DONE, "its networks would have begun as others"),
        (dict(keep_background=True), IN_APPEARANCE, "stage appearance has begun: its networks"),
    ],
)
def test_what_would_change_what_is_there_is_refused_with_the_reason(changes, progress, why):
    ((_, told),) = _refusals(progress, **changes).items()
    assert why in told


def test_a_stage_minds_only_what_it_depends_on():
    assert _refusals(POSE_DONE, generator_width=0.08, centred_warps=True) == {}
    assert _refusals(IN_SEMANTIC, keep_background=True, pose_detector_width=0.08).keys() == {
        "pose_detector_width"
    }
    assert _refusals({**POSE_DONE, "semantic": Progress(4, True)}, average_decay=0.9) == {}
    assert _refusals(IN_APPEARANCE, filter_pictures=True, filter_brightness=0.0, fill_background=True) == {}


def test_pseudo_labels_that_were_searched_for_hold_their_options():
    assert "pseudo_labels.csv" in _refusals({}, True, pseudo_label_top_k=3)["pseudo_label_top_k"]
    assert _refusals({}, False, pseudo_label_top_k=3) == {}


def test_people_may_lie_elsewhere_where_it_is_known_who_they_are():
    changes = find_changes(tiny_experiment(), tiny_experiment("elsewhere"))
    assert refusals(changes, IN_APPEARANCE, True).keys() == {"data_dir"}
    assert refusals(changes, IN_APPEARANCE, True, knows_people=True) == {}


def test_an_option_that_nobody_thought_of_is_held():
    known = options_of(tiny_experiment())
    assert known.keys() >= HOW_TRAINED
    assert refusals({"new_option": (0, 1)}, IN_SEMANTIC, False).keys() == {"new_option"}


def test_every_stage_has_its_steps_among_what_may_change():
    steps = {f.name for f in dataclasses.fields(tiny_experiment().optimizer) if f.name.endswith("_steps")}
    assert steps == {f"{stage}_steps" for stage in STAGES} | {"fade_in_steps"} and steps <= HOW_TRAINED
