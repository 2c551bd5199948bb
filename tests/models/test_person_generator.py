"""Pairs of poses."""

from __future__ import annotations

import numpy as np
import pytest
import tensorflow as tf

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
