"""All geometry at once: eagerly, in tf.data, under XLA, and with an unknown batch size, the same numbers."""

from __future__ import annotations

import numpy as np
import pytest
import tensorflow as tf

from spt_tf.geometry.poses import describe_pose, describe_transfer, neighbourhood
from tests.geometry.sample_poses import sample_poses

CANVAS = (64, 32)
SOURCE = sample_poses(6, 64, seed=0, missing=0.2)
TARGET = sample_poses(6, 64, seed=1, missing=0.2)


def describe(source: tf.Tensor, target: tf.Tensor) -> tuple[tf.Tensor, ...]:
    transforms, part_masks, _ = describe_transfer(source, target, CANVAS)
    return (*describe_pose(target, CANVAS), transforms, part_masks)


def by_dataset():
    batches = tf.data.Dataset.from_tensor_slices((SOURCE, TARGET)).batch(4).map(describe)
    return [np.concatenate(parts) for parts in zip(*batches.as_numpy_iterator())]


def by_xla():
    return tf.function(describe, jit_compile=True)(tf.constant(SOURCE), tf.constant(TARGET))


@pytest.mark.parametrize("run", [by_dataset, by_xla])
def test_compiled_results_equal_eager_ones(run):
    eager, compiled = describe(SOURCE, TARGET), run()
    assert [tuple(v.shape) for v in eager] == [(6, 64, 32, 18), (6, 64, 32, 1), (6, 10, 8), (6, 64, 32, 10)]
    for expected, result in zip(eager, compiled):
        np.testing.assert_allclose(result, expected, rtol=1e-4, atol=1e-3)


def test_integer_keypoints_are_accepted():
    for expected, result in zip(describe(SOURCE, TARGET), describe(SOURCE.astype(int), TARGET.astype(int))):
        np.testing.assert_array_equal(result, expected)


def test_a_neighbourhood_reaches_a_twelfth_of_the_height():
    mask = np.zeros([1, 48, 32, 1], np.float32)
    mask[0, 20, 10] = 1
    rows, columns = np.nonzero(neighbourhood(tf.constant(mask))[0, ..., 0])
    assert (rows.min(), rows.max(), columns.min(), columns.max()) == (16, 24, 6, 14)
    assert len(rows) == 81


def test_only_the_torso_is_bounded_to_the_person():
    mask = neighbourhood(describe_pose(TARGET, CANVAS, joint_radius=2.0).mask)
    free, bounded = (describe_transfer(SOURCE, TARGET, CANVAS, m).part_masks.numpy() for m in (None, mask))
    assert np.all(free[..., 0] == 1)
    np.testing.assert_array_equal(bounded[..., :1], mask)
    np.testing.assert_array_equal(bounded[..., 1:], free[..., 1:])
