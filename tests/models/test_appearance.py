"""The cycle and the image discriminator: what is shown to whom, and who drops units."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest
import tensorflow as tf

from spt_tf.layers.dropout import DropoutSeed
from spt_tf.models import conditioning
from spt_tf.models.background import still_background
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


def test_only_finished_pictures_are_filtered():
    batch = random_batch()
    source = conditioning.source_person(batch)
    person = build_person_generator(tiny_experiment(filter_pictures=True), CANVAS)
    pair = person.pose_pair(source.keypoints, batch["target_keypoints"])
    stripes = tf.where(tf.range(32) % 2 == 0, 0.75, 0.25)[tf.newaxis, :, tf.newaxis, tf.newaxis]
    person.appearance_generator = lambda *_, **__: tf.broadcast_to(stripes, source.image.shape)
    seen = person.paint(source.image, source.parsing, source.parsing, pair)
    np.testing.assert_array_equal(seen[:, 4:6, 4, 0], [[0.75, 0.25]] * 2)
    shown = person.render(source, source.parsing, batch["target_keypoints"])
    half = 0.5 + 0.5 * (stripes - 0.5)
    np.testing.assert_allclose(shown[:, 4:-4], np.broadcast_to(half, shown.shape)[:, 4:-4], atol=1e-6)


@pytest.mark.parametrize(("weight", "term"), [("lambda_self", "self_pair"), ("lambda_pixel", "pixel")])
def test_an_added_loss_is_one_term_with_its_weight(weight, term):
    batch = random_batch()
    without, with_it = (
        build_stage_model(tiny_experiment(**{weight: value}), "appearance").compute_stage_losses(batch, None)
        for value in (0.0, 3.0)
    )
    assert term not in without.terms
    np.testing.assert_allclose(
        with_it.objectives["generator"] - without.objectives["generator"],
        3.0 * with_it.terms[term],
        rtol=1e-3,
    )


def test_the_pixel_loss_is_the_distance_of_who_was_mapped_back(model, monkeypatch):
    source, cycle = _cycle(model, True)
    monkeypatch.setattr(model.critic, "options", dataclasses.replace(model.critic.options, lambda_pixel=1.0))
    away = cycle.mapped_back._replace(image=source.image - 0.25)
    pixel = model.critic.losses(source, cycle._replace(mapped_back=away)).terms["pixel"]
    np.testing.assert_allclose(pixel, 0.25, rtol=1e-6)


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
    shown, there = seen[0][..., -4:-1].numpy(), np.broadcast_to(background, source.image.shape)
    np.testing.assert_allclose(shown[there], source.image.numpy()[there], atol=1e-6)
    # where the person stands the surroundings are carried on, and nothing of the person is shown
    other = source.image + 0.5 * tf.cast(~background, tf.float32)
    np.testing.assert_allclose(still_background(other, source.parsing)[..., :3], shown, atol=1e-6)


def test_the_picture_keeps_the_background_that_both_poses_leave_free():
    batch = random_batch()
    source = conditioning.source_person(batch)
    free = np.ones([2, 32, 32, 10], np.float32) * np.eye(10, dtype=np.float32)[0]
    parsing, target = free.copy(), free.copy()
    parsing[:, 4:12, 4:12], target[:, 16:24, 16:24] = (np.eye(10)[3] for _ in range(2))
    person = build_person_generator(tiny_experiment(paste_background=True), CANVAS)
    pair = person.pose_pair(source.keypoints, batch["target_keypoints"])
    picture = person.paint(source.image, parsing, target, pair).numpy()
    kept = np.all(picture == source.image, axis=-1)
    painted = np.zeros([2, 32, 32], bool)
    painted[:, 3:13, 3:13] = painted[:, 15:25, 15:25] = True  # a rim of one pixel
    np.testing.assert_array_equal(kept, ~painted)


def test_a_finished_person_stands_before_the_source_background_carried_on():
    batch = random_batch()
    source = conditioning.source_person(batch)
    free = np.ones([2, 32, 32, 10], np.float32) * np.eye(10, dtype=np.float32)[0]
    stood, stands = free.copy(), free.copy()
    stood[:, 4:12, 4:12], stands[:, 16:24, 16:24] = (np.eye(10)[3] for _ in range(2))
    stands[:, 16:24, 24:32] = 0.25 * np.eye(10)[0] + 0.75 * np.eye(10)[3]
    wall = tf.fill([2, 32, 32, 3], 0.5)
    image = tf.where(stood[..., :1] == 0, -1.0, wall)
    person = build_person_generator(tiny_experiment(paste_background=True, fill_background=True), CANVAS)
    person.appearance_generator = lambda *_, **__: tf.ones([2, 32, 32, 3])
    pair = person.pose_pair(source.keypoints, batch["target_keypoints"])
    shown = person.paint(image, stood, stands, pair, is_finished=True).numpy()
    inside, outside, nowhere = shown[:, 18:22, 18:22], shown[:, 28:], shown[:, 4:12, 4:12]
    np.testing.assert_allclose(inside, 1.0, atol=1e-6)
    np.testing.assert_allclose(outside, 0.5, atol=1e-6)
    np.testing.assert_allclose(nowhere, 0.5, atol=1e-6)
    # as much of the wall as the softmax says, and no edge of whole pixels
    np.testing.assert_allclose(shown[:, 20, 28], 0.5 + 0.5 * 0.75, atol=1e-6)
    assert 0.6 < shown[0, 20, 16, 0] < 0.95 and 0.5 < shown[0, 20, 15, 0] < 0.7
    # what losses see is as it was
    seen = person.paint(image, stood, stands, pair).numpy()
    np.testing.assert_array_equal(seen[:, 4:12, 4:12], 1.0)


def test_the_filter_comes_last_and_leaves_the_scene_its_brightness():
    """A person's outline and its colours swing over four rows; the two together over two."""
    options = dict(fill_background=True, filter_pictures=True, filter_brightness=1.0)
    person = build_person_generator(tiny_experiment(paste_background=True, **options), CANVAS)
    swing = np.array([1, 0, -1, 0] * 8, np.float32)[:, None]
    painted = swing[..., None] * np.array([0.5, -0.5, 0.0], np.float32) * np.ones([1, 32, 32, 3], np.float32)
    person.appearance_generator = lambda *_, **__: tf.constant(painted)
    fine = np.where(np.arange(32) % 2, 0.25, -0.25).astype(np.float32)  # stripes of brightness
    image = tf.tile(tf.constant(fine)[None, None, :, None], [1, 32, 1, 3])
    free = np.ones([1, 32, 32, 10], np.float32) * np.eye(10, dtype=np.float32)[0]
    stands = free.copy()
    stands[0, np.arange(32)[None] > 12 + swing] = np.eye(10)[3]
    nobody = -tf.ones([1, 18, 2])
    shown = person.paint(image, free, stands, person.pose_pair(nobody, nobody), is_finished=True).numpy()
    np.testing.assert_allclose(shown[0, :, 2:8], image[0, :, 2:8], atol=1e-5)
    redness = (shown[0, ..., 0] - shown[0, ..., 1])[4:28]
    every_row = np.mean(redness * np.where(np.arange(24) % 2, 1.0, -1.0)[:, None], axis=0)
    every_other = np.mean(redness * swing[4:28], axis=0)
    assert np.abs(every_row).max() < 1e-5 and every_other[20:28].min() > 0.3


@pytest.mark.parametrize(
    "option",
    [
        {"keep_background": True},
        {"paste_background": True},
        {"bounded_torso": True},
        {"centred_warps": True},
        {"upsampling": "resize"},
    ],
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
