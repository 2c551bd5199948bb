"""What a run may do differently from one call to the next, and what it may not."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from typing import Any, NamedTuple

from spt_tf.config import SPECS, NetworkConfig

# How a stage is trained, not what its networks are or what it has learned from: it may go on otherwise.
HOW_TRAINED = frozenset(
    {
        *("batch_size", "learning_rate", "end_to_end_learning_rate", "beta_1", "beta_2", "decay_from"),
        *("clip_norm", "average_decay", "dropout", "flip", "stranger_poses"),
        *(f"{spec.name}_steps" for spec in SPECS),
        "fade_in_steps",
        *("adversarial", "style", "match_style_areas", "self_pairs", "vgg_weights", "vgg_width", "face_size"),
        *(
            "lambda_ce",
            "lambda_return",
            "lambda_pose",
            "lambda_cont",
            "lambda_sty",
            "lambda_self",
            "lambda_nn",
        ),
    }
)
# What is done to finished pictures alone.
HOW_SHOWN = frozenset({"filter_pictures", "filter_brightness", "fill_background"})
_OF_NETWORKS = {field.name for field in dataclasses.fields(NetworkConfig)} | {"height", "width"}
_IN_ITS_CHECKPOINTS = {
    "vgg_width"
}  # besides average_decay where it begins or ends: not before the next stage

# Old and new value by option.
Changes = Mapping[str, tuple[Any, Any]]


class Progress(NamedTuple):
    """How far a stage has come: the step of its newest checkpoint, and whether it is finished."""

    step: int
    finished: bool


def find_changes(before: Any, now: Any) -> dict[str, tuple[Any, Any]]:
    """The options that differ between two configurations of one type, made of groups of options."""
    olds, news = options_of(before), options_of(now)
    return {name: (olds[name], new) for name, new in news.items() if olds[name] != new}


def options_of(experiment: Any) -> dict[str, Any]:
    """Every option of a configuration's groups by its name."""
    groups = dataclasses.asdict(experiment).values()
    return {name: value for group in groups for name, value in group.items()}


def refusals(
    changes: Changes, progress: Mapping[str, Progress], has_pseudo_labels: bool, knows_people: bool = False
) -> dict[str, str]:
    """Why changes of an experiment cannot be made, by option; empty where all can.

    progress: of the stages that have begun. has_pseudo_labels: whether the run has searched for them.
    knows_people: whether it has recorded who it learns from, so that they may lie elsewhere now.
    """
    reasons = {}
    for name, (old, new) in changes.items():
        if name == "data_dir" and knows_people:
            continue
        why = _of_pseudo_labels(name) if has_pseudo_labels else None
        for spec in SPECS:
            if spec.name in progress and name not in (spec.independent_of or ()):
                why = why or _why_not(name, old, new, spec.name, progress[spec.name])
        if why:
            reasons[name] = why
    return reasons


def describe(changes: Changes) -> list[str]:
    """`--batch_size was 16 and is 8`, one an option."""
    return [f"--{name} was {old} and is {new}" for name, (old, new) in changes.items()]


def _why_not(name: str, old: Any, new: Any, stage: str, progress: Progress) -> str | None:
    begun = f"stage {stage} has begun"
    if name == f"{stage}_steps":
        if progress.finished:
            return f"stage {stage} is finished, after {progress.step} steps"
        return f"stage {stage} has done {progress.step} steps" if new < progress.step else None
    if name in _IN_ITS_CHECKPOINTS or (name == "average_decay" and (old == 0) != (new == 0)):
        return None if progress.finished else f"{begun}: its checkpoints hold it; change it between stages"
    if name in HOW_TRAINED | HOW_SHOWN:
        return None
    if name in _OF_NETWORKS:
        return f"{begun}: its networks would not be the same"
    if name == "initial_run":
        return f"{begun}: its networks would have begun as others"
    if name == "seed":
        return f"{begun}: which examples it has seen hangs on the seed"
    return f"{begun}: it has learned from other people or pairs"


def _of_pseudo_labels(name: str) -> str | None:
    searched_with = {"data_dir", "height", "width", "pseudo_label_top_k", "pseudo_label_per_pixel"}
    return "pseudo_labels.csv was searched for without it" if name in searched_with else None
