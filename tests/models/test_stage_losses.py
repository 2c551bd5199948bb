"""A loss is a term: what is minimised and what is logged are sums over one list."""

from __future__ import annotations

import numpy as np
import pytest
import tensorflow as tf

from spt_tf.models.stage_losses import LossTerm, StageLosses, together
from spt_tf.models.step_statistics import Observed
from spt_tf.training.build import build_stage_model
from tests.tiny import random_batch, tiny_experiment

ONE, TWO, OTHER = (tf.constant(values) for values in ([1.0, 2.0], [10.0, 20.0], [5.0, 6.0]))
LOSSES = StageLosses(
    {
        "generator": [LossTerm("one", 1.0, ONE), LossTerm("two", 0.5, TWO), LossTerm("unused", 0.0, OTHER)],
        "discriminator": [LossTerm("other", 1.0, OTHER)],
    },
    {"logit": Observed(ONE)},
)
# Every weight another, so that none can stand for another.
WEIGHTS = {
    **dict(lambda_ce=2.0, lambda_return=3.0, lambda_pose=5.0, lambda_cont=7.0, lambda_sty=11.0),
    **dict(lambda_self=13.0, lambda_nn=17.0, lambda_mirror=19.0, lambda_pixel=23.0),
}
SEMANTIC = (
    "adversarial_S + lambda_ce * cross_entropy + lambda_return * return_cross_entropy"
    " + lambda_mirror * mirror_cross_entropy"
)
APPEARANCE = (
    "adversarial_A + face + lambda_pose * pose + lambda_cont * content + lambda_sty * style"
    " + lambda_pixel * pixel + lambda_self * self_pair"
)
JUDGES = "discriminator_A + discriminator_F"
OBJECTIVES = {
    "pose_detector": {"pose_detector": "pose"},
    "semantic": {"generator": SEMANTIC, "discriminator": "discriminator_S"},
    "appearance": {"generator": APPEARANCE, "discriminator": JUDGES},
    "end_to_end": {
        "generator": f"{SEMANTIC} + {APPEARANCE}",
        "discriminator": f"discriminator_S + {JUDGES}",
    },
}


def test_objectives_are_weighted_sums_and_terms_are_not_weighted():
    np.testing.assert_allclose(LOSSES.objectives["generator"], [6.0, 12.0])
    np.testing.assert_allclose(LOSSES.objectives["discriminator"], OTHER)
    assert list(LOSSES.terms) == ["one", "two", "unused", "other"]
    np.testing.assert_array_equal(LOSSES.terms["two"], TWO)


def test_a_term_without_weight_cannot_spoil_the_sum():
    terms = [LossTerm("one", 1.0, ONE), LossTerm("broken", 0.0, ONE * np.nan)]
    np.testing.assert_array_equal(StageLosses({"generator": terms}).objectives["generator"], ONE)
    nothing = StageLosses({"generator": terms[1:]}).objectives["generator"]
    np.testing.assert_array_equal(nothing, [0.0, 0.0])


def test_losses_of_some_examples_are_zero_for_the_others():
    chosen = LOSSES.of_examples(tf.constant([0.0, 1.0]))
    np.testing.assert_allclose(chosen.objectives["generator"], [0.0, 12.0])
    np.testing.assert_allclose(chosen.terms["other"], [0.0, 6.0])
    np.testing.assert_allclose(chosen.observed["logit"].weights, [0.0, 1.0])


def test_parts_are_joined_group_by_group():
    more = StageLosses({"generator": [LossTerm("more", 2.0, ONE)]}, {"other_logit": Observed(TWO)})
    both = together(LOSSES, more, StageLosses({}))
    np.testing.assert_allclose(both.objectives["generator"], [8.0, 16.0])
    np.testing.assert_allclose(both.objectives["discriminator"], OTHER)
    assert set(both.terms) == {*LOSSES.terms, "more"} and set(both.observed) == {"logit", "other_logit"}
    assert "more" not in LOSSES.terms


@pytest.mark.parametrize("stage", OBJECTIVES)
def test_each_stage_minimises_the_paper_s_sum(stage):
    losses = build_stage_model(tiny_experiment(**WEIGHTS), stage).compute_stage_losses(random_batch(), None)
    _assert_objectives(losses, OBJECTIVES[stage])


def test_the_supervised_comparator_minimises_its_own():
    changes = {**WEIGHTS, "lambda_self": 0.0, "semantics": False, "paired": True}
    model = build_stage_model(tiny_experiment(**changes), "appearance")
    expected = {"generator": "adversarial + lambda_nn * nearest_neighbour", "discriminator": "discriminator"}
    _assert_objectives(model.compute_stage_losses(random_batch(), None), expected)


def _assert_objectives(losses: StageLosses, expected: dict[str, str]) -> None:
    """Each group's objective against a formula of terms and weights, in which every term stands."""
    assert losses.objectives.keys() == expected.keys()
    for group, formula in expected.items():
        products = [part.split(" * ") for part in formula.split(" + ")]
        assert {product[-1] for product in products} == {term.name for term in losses.groups[group]}
        total = sum(
            (WEIGHTS[product[0]] if len(product) == 2 else 1.0) * losses.terms[product[-1]]
            for product in products
        )
        np.testing.assert_allclose(losses.objectives[group], total, rtol=1e-5)
