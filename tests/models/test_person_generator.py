"""Pairs of poses, and the generator whose parts are functions."""

from __future__ import annotations

import numpy as np
import pytest
import tensorflow as tf

from spt_tf.models import conditioning, person_generator
from spt_tf.training.build import build_person_generator
from tests.tiny import random_batch, tiny_experiment, tiny_ladder

MAKERS = {"plain": tiny_experiment, "local enhancer": tiny_ladder}


def _person_and_batch(make, **changes):
    experiment = make(generator_levels=2, **changes)
    return build_person_generator(experiment, experiment.canvas), random_batch(canvas=experiment.canvas)


@pytest.mark.parametrize("make", MAKERS.values(), ids=MAKERS)
def test_there_and_back_are_two_pairs_of_the_same_poses(make):
    person, batch = _person_and_batch(make, bounded_torso=True)
    places = batch["source_keypoints"], batch["target_keypoints"]
    there, back = person.there_and_back(*places)
    assert there.source.mask is back.target.mask and there.target.mask is back.source.mask
    for pair, expected in ((there, person.pose_pair(*places)), (back, person.pose_pair(*places[::-1]))):
        tensors = (tf.nest.flatten(one, expand_composites=True) for one in (pair, expected))
        for one, other in zip(*tensors):
            np.testing.assert_array_equal(one, other)


@pytest.mark.parametrize("make", MAKERS.values(), ids=MAKERS)
def test_there_and_back_are_the_same_in_a_graph(make):
    person, batch = _person_and_batch(make)
    places = batch["source_keypoints"], batch["target_keypoints"]
    traced = tf.function(person.there_and_back, autograph=False)(*places)
    for pair, expected in zip(traced, person.there_and_back(*places)):
        while pair is not None:
            np.testing.assert_allclose(pair.target.heatmaps, expected.target.heatmaps, atol=1e-5)
            np.testing.assert_allclose(
                pair.transfer.transforms, expected.transfer.transforms, rtol=1e-3, atol=1e-3
            )
            pair, expected = pair.half, expected.half


@pytest.mark.parametrize("make", MAKERS.values(), ids=MAKERS)
def test_the_traced_generator_draws_the_same_and_leaves_the_other_alone(make):
    person, batch = _person_and_batch(make)
    person.create_variables()
    source, target = conditioning.source_person(batch), batch["target_keypoints"]
    traced = person.traced()
    image, parsing = tf.function(traced.transfer_pose, autograph=False)(source, target)
    expected = tf.function(person.transfer_pose, autograph=False)(source, target)
    np.testing.assert_allclose(image, expected[0], atol=1e-6)
    np.testing.assert_allclose(parsing, expected[1], atol=1e-6)
    assert person.networks().keys() == traced.networks().keys()
    assert all(isinstance(network, tf.keras.Model) for network in person.networks().values())


@pytest.mark.parametrize(("make", "smallest"), [(tiny_experiment, 2), (tiny_ladder, 4)], ids=MAKERS)
def test_variables_made_on_the_smallest_canvas_are_those_of_the_whole(make, smallest):
    person, batch = _person_and_batch(make)
    canvas, weights = tuple(person.canvas), []
    for small in (True, False):
        tf.keras.utils.set_random_seed(3)
        one, _ = _person_and_batch(make)
        if small:
            one.create_variables()
        else:
            one.transfer_pose(conditioning.source_person(batch), batch["target_keypoints"])
        weights.append([*one.semantic_variables(), *one.appearance_variables()])
    for made_small, made_whole in zip(*weights):
        np.testing.assert_array_equal(made_small, made_whole)
    with pytest.raises(KeyError), person.on_smallest_canvas() as small:
        assert min(small) == smallest and tuple(person.canvas) == small
        raise KeyError
    assert tuple(person.canvas) == canvas


@pytest.mark.parametrize(("make", "smallest"), [(tiny_experiment, 2), (tiny_ladder, 4)], ids=MAKERS)
def test_weights_are_held_for_maps_of_the_whole_canvas(make, smallest, monkeypatch):
    person, _ = _person_and_batch(make)
    person.create_variables()
    held = []
    monkeypatch.setattr(person_generator, "hold_kernels", lambda *given: held.append(given))
    person.hold_kernels(tf.bfloat16)
    assert [network for network, *_ in held] == list(person.networks().values())
    assert {times * smallest for _, _, times in held} == {min(person.canvas)}
