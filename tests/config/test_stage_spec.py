"""What the descriptions of stages say is what the models do."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest

from spt_tf.config import SPECS, STAGES, ExperimentConfig, find_stage
from spt_tf.models.conditioning import half_batch
from spt_tf.training import panels
from spt_tf.training.build import build_stage_model
from tests.tiny import random_batch, tiny_experiment, tiny_ladder

# Other values of the options that a stage is said to be independent of.
OTHER = dict(
    appearance_steps=7,
    enhancer_steps=7,
    fade_in_steps=2,
    end_to_end_steps=7,
    end_to_end_learning_rate=1e-3,
    stranger_poses=0.5,
    keep_background=True,
    paste_background=True,
    filter_pictures=True,
    filter_brightness=0.25,
    fill_background=True,
    lambda_return=2.0,
    lambda_mirror=2.5,
    lambda_pose=3.0,
    lambda_cont=4.0,
    lambda_sty=5.0,
    lambda_pixel=8.0,
    lambda_self=6.0,
    lambda_nn=7.0,
    style="mask",
    match_style_areas=True,
    self_pairs="own",
    vgg_weights="nowhere.h5",
    vgg_width=0.5,
    face_size=48,
    pose_detector_width=0.08,
    pose_detector_blocks=2,
    pose_detector_steps=9,
    pose_finder="nowhere",
    pseudo_labels="other.csv",
    pseudo_label_top_k=3,
    pseudo_label_per_pixel=True,
    paired=True,
    semantics=False,
    generator_width=0.08,
    generator_levels=2,
    dropout=0.3,
    upsampling="resize",
    centred_warps=True,
    bounded_torso=True,
    joint_radius=3.0,
    discriminator_width=0.08,
    discriminator_layers=2,
    adversarial="log",
    lambda_ce=3.0,
    semantic_steps=9,
)
NOT_TOGETHER = {"vgg_weights", "paired", "semantics"}  # each excludes others of these


def _experiment(stage, **changes) -> ExperimentConfig:
    return (tiny_ladder if find_stage(stage).needs_local_enhancer else tiny_experiment)(**changes)


def _ids(variables):
    return {id(variable) for variable in variables}


@pytest.mark.parametrize("stage", STAGES)
def test_a_stage_trains_and_saves_the_networks_it_says(stage):
    spec, model = find_stage(stage), build_stage_model(_experiment(stage), stage)
    networks = model.networks()
    said = [networks[name] for name in spec.trains if name in networks]
    moved = _ids(variable for group in model.variable_groups().values() for variable in group)
    # an enhancer is wrapped around its global network, which stands still in its stage
    still = networks["appearance_generator"].trainable_variables if stage == "enhancer" else ()
    assert moved == _ids(v for network in said for v in network.trainable_variables) - _ids(still)
    assert set(spec.hands_on) <= networks.keys()


@pytest.mark.parametrize("spec", [s for s in SPECS if s.independent_of is not None], ids=lambda s: s.name)
def test_what_a_stage_is_independent_of_changes_neither_its_weights_nor_its_losses(spec):
    assert spec.independent_of <= OTHER.keys()
    changes = {name: OTHER[name] for name in spec.independent_of - NOT_TOGETHER}
    batch = random_batch()
    models = [build_stage_model(tiny_experiment(**options), spec.name) for options in ({}, changes)]
    weights = [[v.numpy() for group in m.variable_groups().values() for v in group] for m in models]
    assert len(weights[0]) == len(weights[1])
    for one, other in zip(*weights):
        np.testing.assert_array_equal(one, other)
    losses = [model.compute_stage_losses(batch, None).objectives for model in models]
    for name, values in losses[0].items():
        np.testing.assert_array_equal(values, losses[1][name])


def test_options_are_spelt_as_the_configuration_spells_them():
    groups = dataclasses.asdict(tiny_experiment()).values()
    options = {name for group in groups for name in group}
    for spec in SPECS:
        assert (spec.independent_of or frozenset()) <= options


def test_a_stage_starts_from_earlier_ones_that_hand_something_on():
    for experiment in (tiny_experiment(), tiny_ladder(), tiny_experiment(semantics=False, style="mask")):
        for place, stage in enumerate(experiment.stages):
            for earlier in experiment.starts_from(stage):
                assert earlier in experiment.stages[:place] and find_stage(earlier).hands_on


@pytest.mark.parametrize("stage", STAGES)
def test_a_panel_has_the_columns_that_are_said(stage, monkeypatch):
    experiment, columns = _experiment(stage), find_stage(stage).panel
    batch = random_batch(canvas=experiment.canvas)
    monkeypatch.setattr(panels.visualize, "panel", lambda rows, titles: (rows, titles))
    model = build_stage_model(experiment, stage)
    rows, titles = panels.draw_panel(
        model, half_batch(batch) if experiment.at_half_size(stage) else batch, columns
    )
    assert tuple(titles) == columns
    assert len(rows) == 2 and all(picture.dtype == np.uint8 for row in rows for picture in row)


def test_a_panel_of_a_supervised_experiment_shows_the_true_target(monkeypatch):
    monkeypatch.setattr(panels.visualize, "panel", lambda rows, titles: (rows, titles))
    model, batch = (
        build_stage_model(tiny_experiment(semantics=False, paired=True), "appearance"),
        random_batch(),
    )
    rows, titles = panels.draw_panel(model, batch, find_stage("appearance").panel_paired)
    place = titles.index("true target")
    np.testing.assert_array_equal([row[place] for row in rows], batch["target_image"])
