"""Self-pairs: what is known of a person in its own and in the mirrored pose."""

from __future__ import annotations

import numpy as np
import pytest
import tensorflow as tf

from spt_tf.geometry.mirror import mirror_image, mirror_soft_parsing
from spt_tf.models import conditioning
from spt_tf.models.self_pair import known_target, self_pair_loss
from spt_tf.training.build import build_person_generator
from tests.tiny import CANVAS, random_batch, tiny_experiment


@pytest.fixture
def source():
    return conditioning.source_person(random_batch(4))


def test_the_own_pose_is_known_everywhere(source):
    target, known = known_target(source, "own", background_stays=True)
    assert target is source and np.all(known == 1)


@pytest.mark.parametrize("first", [0, 1, 5])
def test_every_other_person_of_the_global_batch_is_mirrored(source, first):
    target, _ = known_target(source, "both", background_stays=False, first_example=first)
    for place in range(4):
        expected = mirror_image(source.image) if (first + place) % 2 else source.image
        np.testing.assert_array_equal(target.image[place], expected[place])


def test_the_mirrored_picture_is_known_everywhere_where_the_background_moves_along(source):
    target, known = known_target(source, "mirrored", background_stays=False)
    np.testing.assert_array_equal(target.image, mirror_image(source.image))
    np.testing.assert_array_equal(target.parsing, mirror_soft_parsing(source.parsing))
    assert np.all(known == 1)


def test_a_mirrored_person_stands_before_its_own_background(source):
    target, known = known_target(source, "mirrored", background_stays=True)
    was_person = source.parsing.numpy()[..., :1] == 0
    is_person = target.parsing.numpy()[..., :1] == 0
    image = target.image.numpy()
    both_free = np.broadcast_to(~was_person & ~is_person, image.shape)
    np.testing.assert_array_equal(image[both_free], source.image.numpy()[both_free])
    person = np.broadcast_to(is_person, image.shape)
    np.testing.assert_array_equal(image[person], mirror_image(source.image).numpy()[person])
    np.testing.assert_array_equal(known.numpy() == 0, was_person & ~is_person)


def test_every_other_example_is_mirrored(source):
    target, _ = known_target(source, "both", background_stays=False)
    np.testing.assert_array_equal(target.image[::2], source.image[::2])
    np.testing.assert_array_equal(target.image[1::2], mirror_image(source.image)[1::2])
    np.testing.assert_array_equal(target.keypoints[::2], source.keypoints[::2])


def test_the_loss_is_nothing_for_a_generator_that_paints_the_truth(source):
    person = build_person_generator(tiny_experiment(), CANVAS)
    person.create_variables()
    assert np.all(self_pair_loss(person, source, "both") > 0.05)
    person.paint = lambda image, parsing, target_parsing, *_: known_target(source, "both", False).person.image
    np.testing.assert_array_equal(self_pair_loss(person, source, "both"), 0)


def test_what_is_not_known_does_not_count(source):
    person = build_person_generator(tiny_experiment(keep_background=True), CANVAS)
    target, known = known_target(source, "mirrored", True)
    person.paint = lambda *_: target.image + (1 - known)
    np.testing.assert_array_equal(self_pair_loss(person, source, "mirrored"), 0)
    person.paint = lambda *_: tf.zeros_like(target.image)
    assert np.all(self_pair_loss(person, source, "mirrored") > 0)
