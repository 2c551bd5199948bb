"""The rows of an ablation, each as options that differ from the whole method's.

The paper's ablations and comparators; and what we add to the paper (improved.flags), each change alone.
"""

from __future__ import annotations

import dataclasses
from typing import Any, NamedTuple

from spt_tf.config import ExperimentConfig

# Gram matrices are divided by the picture's pixels, so a small region's are small. With these factors on
# --lambda_sty two strangers' pictures cost about the same by each style loss, and pull about as hard:
# scripts/bench/style_losses.py, areas matched, has 0.043 and 4.3 by cost, 0.066 and 6.0 by gradient.
STYLE_FACTOR = {"semantic": 1.0, "mask": 0.05, "patch": 5.0}


# Without parsings nothing says where the background is, or what a self-pair is to be painted on.
WITHOUT_SEMANTICS = {
    "semantics": False,
    "keep_background": False,
    "paste_background": False,
    "fill_background": False,
    "lambda_self": 0.0,
}


class Variant(NamedTuple):
    """One row of the table.

    title: what it is. changes: options by name. trained_as: the variant whose training it shares; itself by
    default. end_to_end: whether its last steps are joint. true_target_parsing: given at evaluation.
    shares: whether it begins with the pose detector and the semantic generator that others of its seed have.
    """

    title: str
    changes: dict[str, Any]
    trained_as: str = ""
    end_to_end: bool = False
    true_target_parsing: bool = False
    shares: bool = True


PAPERS = {
    "baseline": Variant("Baseline: no semantics, mask style", {**WITHOUT_SEMANTICS, "style": "mask"}),
    "ts_pred": Variant("TS-Pred: two stages, semantic style", {}),
    "ts_gt": Variant("TS-GT: TS-Pred on the true parsing", {}, "ts_pred", true_target_parsing=True),
    "e2e": Variant("E2E: the whole method", {}, end_to_end=True),
    "mask_style": Variant("TS-Pred, mask style", {"style": "mask"}),
    "patch_style": Variant("TS-Pred, patch style", {"style": "patch"}),
    "upis": Variant("UPIS's idea: no semantics, patch style", {**WITHOUT_SEMANTICS, "style": "patch"}),
    "supervised": Variant("Supervised on true pairs", {**WITHOUT_SEMANTICS, "paired": True}, shares=False),
    "supervised_semantic": Variant(
        "Supervised on true pairs, with semantics", {"paired": True}, shares=False
    ),
}

# What improved.flags adds to the paper's form, by what it is for; "e2e" is all of it together.
OURS = {
    "no_grid": ("upsampling", "filter_pictures", "filter_brightness"),
    "centred": ("centred_warps",),
    "background": ("keep_background", "paste_background", "fill_background", "bounded_torso"),
    "self_pairs": ("lambda_self", "self_pairs"),
    "way_back": ("lambda_pixel", "lambda_return", "lambda_mirror"),
    "more_poses": ("pseudo_label_per_pixel", "pseudo_label_top_k"),
    "areas": ("match_style_areas",),
}


def _paper_with(*kept: str) -> dict[str, Any]:
    """Options that make the whole method the paper's, but for these of `OURS`."""
    experiment = ExperimentConfig()
    groups = (getattr(experiment, field.name) for field in dataclasses.fields(experiment))
    papers = {name: value for group in groups for name, value in dataclasses.asdict(group).items()}
    return {name: papers[name] for change, names in OURS.items() if change not in kept for name in names}


def _alone(title: str, *kept: str) -> Variant:
    return Variant(title, _paper_with(*kept), end_to_end=True, shares=False)


CHANGES = {
    "paper": _alone("The paper's form"),
    "only_no_grid": _alone("and filtered upsampling, filtered pictures", "no_grid"),
    "only_centred": _alone("and centred warps", "centred"),
    "only_background": _alone("and the background kept", "background"),
    "only_self_pairs": _alone("and self-pairs", "self_pairs"),
    "only_way_back": _alone("and what is known of the way back and of mirror images", "way_back"),
    "only_more_poses": _alone("and pseudo-labels from more people", "more_poses"),
    "only_areas": _alone("and style losses of regions of one size", "areas"),
}
VARIANTS = {**PAPERS, **CHANGES}


def variant_experiment(
    base: ExperimentConfig, name: str, seed: int, paired_data_dir: str
) -> ExperimentConfig:
    """What a variant trains: the base experiment with its changes, a seed, and the same number of steps.

    All take as many steps on images as the whole method's stages appearance and end_to_end together.
    """
    variant = VARIANTS[name]
    changes = {**variant.changes, "seed": seed}
    if not variant.end_to_end:
        changes["appearance_steps"] = base.optimizer.appearance_steps + base.optimizer.end_to_end_steps
    if "style" in changes:
        changes["lambda_sty"] = base.loss.lambda_sty * STYLE_FACTOR[changes["style"]]
    if changes.get("paired"):
        changes["data_dir"] = paired_data_dir
    return with_options(base, changes)


def with_options(experiment: ExperimentConfig, changes: dict[str, Any]) -> ExperimentConfig:
    """The experiment with some options changed, by their flags' names."""
    groups = {}
    for field in dataclasses.fields(experiment):
        group = getattr(experiment, field.name)
        names = {option.name for option in dataclasses.fields(group)}
        chosen = {name: value for name, value in changes.items() if name in names}
        groups[field.name] = dataclasses.replace(group, **chosen)
    return ExperimentConfig(**groups)
