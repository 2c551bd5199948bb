"""Parsings whose truth is known: what they are compared with, and when they cost a pass."""

from __future__ import annotations

import numpy as np
import pytest

from spt_tf.geometry.mirror import mirror_keypoints, mirror_soft_parsing
from spt_tf.models import conditioning
from spt_tf.models.known_parsings import mirror_losses, return_losses
from spt_tf.training.build import build_person_generator, build_stage_model
from tests.tiny import CANVAS, random_batch, tiny_experiment


@pytest.fixture(scope="module")
def person():
    return build_person_generator(tiny_experiment(), CANVAS)


@pytest.fixture
def source():
    return conditioning.source_person(random_batch())


def test_a_generator_that_mirrors_costs_nothing(person, source, monkeypatch):
    asked = []

    def mirror(parsing, pair, _):
        asked.append(pair.target.heatmaps)
        return mirror_soft_parsing(parsing)

    monkeypatch.setattr(person, "predict_parsing", mirror)
    losses = mirror_losses(person, source.parsing, source.keypoints, 2.0, None)
    np.testing.assert_allclose(losses.terms["mirror_cross_entropy"], 0, atol=1e-6)
    mirrored = mirror_keypoints(source.keypoints, CANVAS[1])
    expected = person.pose_pair(source.keypoints, mirrored).target.heatmaps
    np.testing.assert_array_equal(asked[0], expected)
    monkeypatch.setattr(person, "predict_parsing", lambda parsing, *_: parsing)
    losses = mirror_losses(person, source.parsing, source.keypoints, 2.0, None)
    assert np.all(losses.terms["mirror_cross_entropy"] > 1)
    np.testing.assert_allclose(losses.objectives["generator"], 2 * losses.terms["mirror_cross_entropy"])


def test_a_returned_parsing_is_compared_with_the_source_s(person, source):
    pair = person.pose_pair(source.keypoints, source.keypoints)
    [same, other] = (
        return_losses(person, source.parsing, parsing, pair, 1.0).terms["return_cross_entropy"]
        for parsing in (source.parsing, mirror_soft_parsing(source.parsing))
    )
    np.testing.assert_allclose(same, 0, atol=1e-6)
    assert np.all(other > 1)


@pytest.mark.parametrize(
    ("weights", "passes"), [({}, 1), ({"lambda_return": 1.0}, 2), ({"lambda_mirror": 1.0}, 2)]
)
def test_stage_semantic_passes_no_more_often_than_asked(weights, passes, monkeypatch):
    model = build_stage_model(tiny_experiment(**weights), "semantic")
    predict, calls = model.person.predict_parsing, []
    monkeypatch.setattr(
        model.person, "predict_parsing", lambda *given: calls.append(given) or predict(*given)
    )
    model.compute_stage_losses(random_batch(), None)
    assert len(calls) == passes
