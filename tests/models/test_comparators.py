"""The comparators' train steps: Baseline without semantics, its style losses, and the supervised one."""

from __future__ import annotations

import numpy as np
import pytest
import tensorflow as tf

from spt_tf.models import conditioning
from spt_tf.models.person_generator import NoSemanticGenerator
from spt_tf.training.build import build_person_generator, build_stage_model
from tests.tiny import CANVAS, random_batch, tiny_experiment

WITHOUT = dict(semantics=False, style="mask")
COMPARATORS = {
    "baseline": WITHOUT,
    "baseline, patches": dict(semantics=False, style="patch"),
    "mask style": dict(style="mask"),
    "patch style": dict(style="patch"),
    "supervised": dict(semantics=False, paired=True),
    "supervised, with semantics": dict(paired=True, lambda_self=1.0, keep_background=True),
}


@pytest.mark.parametrize("changes", COMPARATORS.values(), ids=COMPARATORS)
def test_a_step_is_finite_and_moves_both_sides(changes):
    model = build_stage_model(tiny_experiment(**changes), "appearance")
    model.compile({group: tf.keras.optimizers.SGD(0.1) for group in model.variable_groups()})
    before = {name: [v.numpy() for v in group] for name, group in model.variable_groups().items()}
    compiled = "paired" in changes or changes == COMPARATORS["baseline, patches"]
    losses = (tf.function(model.train_step) if compiled else model.train_step)(random_batch())
    assert all(np.isfinite(value) for value in losses.values())
    for name, group in model.variable_groups().items():
        assert any(not np.array_equal(old, new) for old, new in zip(before[name], group)), name


@pytest.mark.parametrize("kind", ["mask", "patch"])
def test_the_style_loss_depends_on_its_regions(kind):
    semantic, other = (
        build_stage_model(tiny_experiment(style=style), "appearance")
        .compute_stage_losses(random_batch(), None)
        .terms
        for style in ("semantic", kind)
    )
    np.testing.assert_allclose(other["content"], semantic["content"])  # the same networks
    assert np.all(other["style"] > 0) and not np.allclose(other["style"], semantic["style"], rtol=1e-2)


@pytest.mark.parametrize("changes", [WITHOUT, COMPARATORS["supervised"]], ids=["baseline", "supervised"])
def test_without_semantics_no_parsing_is_looked_at(changes):
    model = build_stage_model(tiny_experiment(**changes), "appearance")
    batch = random_batch()
    blank = {**batch, "source_parsing": tf.zeros_like(batch["source_parsing"])}
    blank["target_parsing"] = blank["source_parsing"]
    one, other = (model.compute_stage_losses(b, None).terms for b in (batch, blank))
    for name, values in one.items():
        np.testing.assert_array_equal(values, other[name])


@pytest.mark.parametrize("name", ["supervised", "supervised, with semantics"])
def test_the_supervised_comparator_learns_from_the_true_target(name):
    model = build_stage_model(tiny_experiment(**COMPARATORS[name]), "appearance")
    batch = random_batch()
    generated, _ = model.person.transfer_pose(conditioning.source_person(batch), batch["target_keypoints"])
    reached = {**batch, "target_image": conditioning.image_to_uint8(generated)}
    far, near = (model.compute_stage_losses(b, None).terms["nearest_neighbour"] for b in (batch, reached))
    assert np.all(near < 0.05 * far)


def test_with_semantics_it_paints_on_the_parsing_that_a_frozen_generator_predicts():
    model = build_stage_model(tiny_experiment(paired=True), "appearance")
    frozen = model.person.semantic_variables()
    assert frozen and not {v.ref() for v in frozen} & {
        v.ref() for group in model.variable_groups().values() for v in group
    }
    batch = random_batch()
    blank = {**batch, "target_parsing": tf.zeros_like(batch["target_parsing"])}
    one, other = (model.compute_stage_losses(b, None).terms["nearest_neighbour"] for b in (batch, blank))
    np.testing.assert_array_equal(one, other)  # of the true parsing it is told nothing
    for variable in frozen:
        variable.assign(variable + 0.5)
    moved = model.compute_stage_losses(batch, None).terms["nearest_neighbour"]
    assert np.all(moved != one)


def test_a_generator_without_semantics_neither_makes_nor_takes_a_parsing():
    person = build_person_generator(tiny_experiment(**WITHOUT), CANVAS)
    assert not person.needs_target_parsing and set(person.networks()) == {"appearance_generator"}
    batch = random_batch()
    source, target = conditioning.source_person(batch), batch["target_keypoints"]
    image, parsing = person.transfer_pose(source, target)
    assert image.shape == [2, *CANVAS, 3] and parsing is None
    with pytest.raises(NoSemanticGenerator, match="cannot draw on a parsing"):
        person.render(source, source.parsing, target)
    with pytest.raises(NoSemanticGenerator, match="no parsing to transform"):
        person.transform_parsing(source.parsing, source.keypoints, target)
