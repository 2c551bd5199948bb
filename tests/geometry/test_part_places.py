"""Places found before the skips: the same skips, and of the sizes that skips look for."""

from __future__ import annotations

import numpy as np
import pytest
import tensorflow as tf

from spt_tf.geometry.part_places import PartMaps, PartPlaces, at_levels, part_places
from spt_tf.geometry.poses import describe_transfer
from spt_tf.layers import deformable_skip as skips
from spt_tf.people import PoseTransfer
from tests.geometry.sample_poses import sample_poses

CANVAS, LEVELS = (64, 32), ((64, 32), (32, 16), (16, 8))


def transfer() -> PoseTransfer:
    source, target = (tf.constant(sample_poses(3, 64, seed, missing=0.1)) for seed in (0, 100))
    return describe_transfer(source, target, CANVAS)


def value_and_gradient(features: tf.Tensor, moved: PoseTransfer, centred: bool) -> tuple:
    with tf.GradientTape() as tape:
        tape.watch(features)
        value = skips.deformable_skip(features, moved, centred)
    return value, tape.gradient(value, features, tf.cos(features))


@pytest.mark.parametrize("centred", [False, True])
@pytest.mark.parametrize("xla", [False, True])
def test_a_skip_by_places_found_before_is_the_same(xla, centred, monkeypatch):
    before = tf.function(lambda moved: at_levels(moved, len(LEVELS), centred), jit_compile=xla)
    run = tf.function(lambda *given: value_and_gradient(*given, centred), jit_compile=xla)
    all_features = [tf.random.normal([3, *size, 5]) for size in LEVELS]
    expected = [run(features, transfer()) for features in all_features]
    moved = before(transfer())
    assert [places.size for places in moved.levels] == list(LEVELS)
    assert {type(places) for places in moved.levels} == {PartMaps if xla else PartPlaces}
    monkeypatch.setattr(skips, "part_places", None)  # not found once more
    for features, pair in zip(all_features, expected):
        for one, other in zip(run(features, moved), pair):
            np.testing.assert_array_equal(one, other)


def test_features_of_another_size_get_places_of_their_own():
    features, moved = tf.random.normal([3, 8, 4, 2]), transfer()
    expected, _ = value_and_gradient(features, moved, False)
    value, _ = value_and_gradient(features, at_levels(moved, len(LEVELS), False), False)
    np.testing.assert_array_equal(value, expected)


def test_places_say_who_covers_what():
    moved = transfer()
    masks = moved.part_masks.numpy()
    places = part_places(moved, CANVAS, centred=False)
    covered = np.zeros(masks.shape, np.float32).reshape(-1, 10)
    covered[places.pixel.numpy(), places.part.numpy()[:, 0].astype(int)] = 1.0
    np.testing.assert_array_equal(covered.reshape(masks.shape)[..., 1:], masks[..., 1:])
    np.testing.assert_array_equal(places.by_all[..., 0], masks.min(axis=-1) > 0)
