"""The cycle and the image discriminator: what is shown to whom, and who drops units."""

from __future__ import annotations

import numpy as np
import pytest
import tensorflow as tf

from spt_tf.layers.dropout import DropoutSeed
from spt_tf.models import conditioning
from spt_tf.models.cycle import move_and_map_back
from spt_tf.models.person_generator import PersonGenerator
from spt_tf.training.build import build_appearance_critic, build_person_generator, build_stage_model
from tests.tiny import CANVAS, random_batch, tiny_experiment, tiny_ladder

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def model():
    return build_stage_model(tiny_experiment(dropout=0.5), "appearance")


def _cycle(model, frozen, seed=1):
    batch = random_batch()
    source = conditioning.source_person(batch)
    return source, move_and_map_back(
        model.person, source, batch["target_keypoints"], DropoutSeed(seed), frozen
    )


def test_a_frozen_semantic_generator_has_no_dropout(model):
    (_, one), (_, other) = _cycle(model, True), _cycle(model, True, seed=3)
    np.testing.assert_array_equal(one.moved.parsing, other.moved.parsing)
    assert np.any(one.moved.image != other.moved.image)
    (_, one), (_, other) = _cycle(model, False), _cycle(model, False, seed=3)
    assert np.any(one.moved.parsing != other.moved.parsing)


def test_stage_appearance_freezes_it(model, monkeypatch):
    seeds = []
    predict = PersonGenerator.predict_parsing

    def spy(self, parsing, pair, dropout_seed=None):
        seeds.append(dropout_seed)
        return predict(self, parsing, pair, dropout_seed)

    monkeypatch.setattr(PersonGenerator, "predict_parsing", spy)
    model.compute_stage_losses(random_batch(), DropoutSeed(1))
    assert seeds == [None, None]


def test_real_and_generated_pictures_come_with_maps_of_one_kind(model, monkeypatch):
    """What D_A sees: I_ps with S_ps and with S~_ps; I~_pt with S~_pt, I~_ps with S_ps."""
    source, cycle = _cycle(model, True)
    shown = []
    critic = model.critic
    judge = critic.image_discriminator
    monkeypatch.setattr(
        critic, "image_discriminator", lambda pictures: shown.append(pictures) or judge(pictures)
    )
    critic.losses(source, cycle)
    real, generated = (tf.split(pictures, 2) for pictures in shown)
    expected = [
        (real[0], source.image, source.parsing),
        (real[1], source.image, cycle.mapped_back.parsing),
        (generated[0], cycle.moved.image, cycle.moved.parsing),
        (generated[1], cycle.mapped_back.image, source.parsing),
    ]
    for pictures, image, parsing in expected:
        np.testing.assert_array_equal(pictures, conditioning.image_with_parsing(image, parsing))


def test_a_self_pair_is_one_term_with_its_weight():
    batch = random_batch()
    without, with_it = (
        build_stage_model(tiny_experiment(lambda_self=weight), "appearance").compute_stage_losses(batch, None)
        for weight in (0.0, 3.0)
    )
    assert "self_pair" not in without.terms
    np.testing.assert_allclose(
        with_it.objectives["generator"] - without.objectives["generator"],
        3.0 * with_it.terms["self_pair"],
        rtol=1e-3,
    )


def test_the_target_stream_sees_the_background_where_it_is():
    batch = random_batch()
    source = conditioning.source_person(batch)
    person = build_person_generator(tiny_experiment(keep_background=True), CANVAS)
    seen = []
    person.appearance_generator = lambda appearance, target, *_, **__: seen.append(target)
    pair = person.pose_pair(source.keypoints, batch["target_keypoints"])
    person.paint(source.image, source.parsing, source.parsing, pair)
    background = batch["source_parsing"].numpy()[..., np.newaxis] == 0
    np.testing.assert_array_equal(seen[0][..., -1:], background.astype(np.float32))
    np.testing.assert_array_equal(seen[0][..., -4:-1], np.where(background, source.image, 0))


@pytest.mark.parametrize(
    "option",
    [{"keep_background": True}, {"bounded_torso": True}, {"centred_warps": True}, {"upsampling": "resize"}],
)
def test_every_option_trains_at_both_sizes_of_a_ladder(option):
    experiment = tiny_ladder(**option)
    for stage in ("appearance", "enhancer"):
        half = experiment.at_half_size(stage)
        batch = random_batch(canvas=experiment.half_canvas if half else experiment.canvas)
        losses = build_stage_model(experiment, stage).compute_stage_losses(batch, None)
        assert all(np.isfinite(values).all() for values in losses.terms.values())


def test_the_ladder_compares_parsings_at_the_size_they_are_predicted_at(monkeypatch):
    model = build_stage_model(tiny_ladder(), "end_to_end")
    seen = []
    judge = model.semantic_critic.losses
    monkeypatch.setattr(model.semantic_critic, "losses", lambda *given: seen.append(given) or judge(*given))
    batch = random_batch(canvas=(64, 64))
    model.compute_stage_losses(batch, None)
    [(pseudo_label, predicted, target)] = seen
    assert pseudo_label.shape == predicted.shape == (2, 32, 32, 10) and target.heatmaps.shape[1] == 32
    np.testing.assert_array_equal(
        conditioning.parsing_to_labels(pseudo_label), batch["target_parsing"][:, ::2, ::2]
    )


def test_a_painted_picture_is_halved_by_averaging_on_the_way_back(monkeypatch):
    person = build_stage_model(tiny_ladder(), "end_to_end").person
    batch = random_batch(canvas=(64, 64))
    source, seen = conditioning.source_person(batch), []
    paint = person.local_enhancer
    monkeypatch.setattr(
        person, "local_enhancer", lambda *given, **more: seen.append(given) or paint(*given, **more)
    )
    cycle = move_and_map_back(person, source, batch["target_keypoints"], None)
    averaged = tf.nn.avg_pool2d(cycle.moved.image, 2, 2, "VALID")
    np.testing.assert_allclose(seen[1][3][..., :3], averaged, atol=1e-6)
    assert np.abs(seen[0][3][..., :3] - tf.nn.avg_pool2d(source.image, 2, 2, "VALID")).max() > 0.1


def test_a_critic_takes_its_weights_from_the_options():
    options = build_appearance_critic(
        tiny_experiment(lambda_self=2.0, self_pairs="own"), "appearance"
    ).options
    assert (options.lambda_self, options.self_pairs) == (2.0, "own")
