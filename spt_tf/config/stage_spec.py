"""The stages of training, each described once (Section 3.3 of the paper; stage enhancer: method.md)."""

from __future__ import annotations

import dataclasses

_DISCRIMINATORS = ("image_discriminator", "face_discriminator")
# Options of stages that come later, or of losses and networks that a stage does not have.
_OF_LATER_STAGES = frozenset(
    {
        *("appearance_steps", "enhancer_steps", "fade_in_steps", "end_to_end_steps"),
        *("end_to_end_learning_rate", "stranger_poses"),
        *("keep_background", "paste_background", "fill_background"),
        *("filter_pictures", "filter_brightness"),
        *(
            "lambda_pose",
            "lambda_cont",
            "lambda_sty",
            "lambda_pixel",
            "lambda_self",
            "lambda_nn",
        ),
        *("style", "match_style_areas", "self_pairs", "vgg_weights", "vgg_width", "face_size"),
    }
)


@dataclasses.dataclass(frozen=True)
class StageSpec:
    """One stage. Networks go by the names they are saved under.

    trains: the networks it moves, where the experiment has them.
    hands_on: the networks that later stages take from its checkpoints, where those hold them.
    starts_from: the earlier stages whose networks it begins with, later ones winning;
        starts_from_enhanced: the same in an experiment with a local enhancer, where it differs.
    panel: columns of its panels (`training.panels`); panel_paired: in a supervised experiment.
    needs_semantics, needs_local_enhancer: an experiment without leaves it out.
    is_supervised: whether a supervised experiment (--paired) has it, where it has what the stage needs.
    needs_pseudo_labels: whether it learns from pseudo-label pairs, with some strangers' poses if asked
        (takes_strangers).
    half_size: whether it works at half the canvas under a local enhancer.
    independent_of: options that cannot change what it learns: with any other difference it is not copied from
        another run (--start_from). None: it is never copied.
    """

    name: str
    trains: tuple[str, ...]
    hands_on: tuple[str, ...]
    starts_from: tuple[str, ...]
    panel: tuple[str, ...]
    starts_from_enhanced: tuple[str, ...] | None = None
    panel_paired: tuple[str, ...] = ()
    needs_semantics: bool = False
    needs_local_enhancer: bool = False
    is_supervised: bool = False
    needs_pseudo_labels: bool = False
    takes_strangers: bool = False
    half_size: bool = False
    independent_of: frozenset[str] | None = None


_CYCLE = ("parsing", "generated", "mapped back")

SPECS = (
    StageSpec(
        "pose_detector",
        trains=("pose_detector",),
        hands_on=("pose_detector",),
        starts_from=(),
        panel=("source", "detected"),
        independent_of=_OF_LATER_STAGES
        | {
            *("pseudo_labels", "pseudo_label_top_k", "pseudo_label_per_pixel", "paired", "semantics"),
            *("generator_width", "generator_levels", "dropout", "upsampling", "centred_warps"),
            *("bounded_torso", "joint_radius", "discriminator_width", "discriminator_layers"),
            *("adversarial", "lambda_ce", "lambda_return", "lambda_mirror", "semantic_steps"),
        },
    ),
    StageSpec(
        "semantic",
        trains=("semantic_generator", "parsing_discriminator"),
        hands_on=("semantic_generator", "parsing_discriminator"),
        starts_from=(),
        panel=("source", "target pose", "pseudo-label", "parsing"),
        panel_paired=("source", "target pose", "true parsing", "parsing"),
        needs_semantics=True,
        is_supervised=True,
        needs_pseudo_labels=True,
        half_size=True,
        independent_of=_OF_LATER_STAGES
        | {"pose_detector_width", "pose_detector_blocks", "pose_detector_steps", "pose_finder"},
    ),
    StageSpec(
        "appearance",
        trains=("appearance_generator", *_DISCRIMINATORS),
        hands_on=("appearance_generator", *_DISCRIMINATORS, "pose_detector"),
        starts_from=("pose_detector", "semantic"),
        # The target pose is anybody's, and so is the parsing that comes with it.
        panel=("source", "target pose", "pose's owner", *_CYCLE),
        panel_paired=("source", "target pose", "true target", "generated"),
        is_supervised=True,
        half_size=True,
    ),
    StageSpec(
        "enhancer",
        trains=("local_enhancer", *_DISCRIMINATORS, "grown_face_discriminator"),
        hands_on=(
            "appearance_generator",
            "local_enhancer",
            *_DISCRIMINATORS,
            "grown_face_discriminator",
            "pose_detector",
        ),
        starts_from=("pose_detector", "semantic", "appearance"),
        panel=("source", "target pose", "pose's owner", *_CYCLE),
        needs_semantics=True,
        needs_local_enhancer=True,
    ),
    StageSpec(
        "end_to_end",
        trains=(
            "semantic_generator",
            "parsing_discriminator",
            "appearance_generator",
            "local_enhancer",
            *_DISCRIMINATORS,
            "grown_face_discriminator",
        ),
        hands_on=(),
        starts_from=("semantic", "appearance"),
        starts_from_enhanced=("pose_detector", "semantic", "enhancer"),
        panel=("source", "target pose", "pseudo-label", *_CYCLE),
        needs_semantics=True,
        needs_pseudo_labels=True,
        takes_strangers=True,
    ),
)
STAGES = tuple(spec.name for spec in SPECS)


def find_stage(name: str) -> StageSpec:
    """The stage of a name of `STAGES`."""
    return SPECS[STAGES.index(name)]


def first_stage_that_trains(network: str) -> str:
    """The name of the stage a network comes from."""
    return next(spec.name for spec in SPECS if network in spec.trains)
