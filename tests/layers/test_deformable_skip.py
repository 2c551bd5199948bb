"""The deformable skip against the authors' outputs and ten masked copies."""

from __future__ import annotations

import gc

import numpy as np
import pytest
import tensorflow as tf

from spt_tf.geometry.poses import describe_pose, describe_transfer, neighbourhood
from spt_tf.geometry.warp import rescale_transforms
from spt_tf.layers.deformable_skip import deformable_skip
from spt_tf.people import PoseTransfer
from tests.geometry.sample_poses import sample_poses
from tests.geometry.test_warp import slow_warp
from tests.golden_arrays import golden, unpacked

CANVAS, LEVEL = (64, 32), (16, 8)


def transfer(batch: int = 3, seed: int = 0) -> PoseTransfer:
    source, target = sample_poses(batch, 64, seed, missing=0.1), sample_poses(batch, 64, seed + 100, 0.1)
    return describe_transfer(tf.constant(source), tf.constant(target), CANVAS)


def random_features(channels: int = 5, batch: int = 3) -> np.ndarray:
    return np.random.default_rng(2).normal(size=(batch, *LEVEL, channels)).astype(np.float32)


def slow_parts(features: np.ndarray, moved: PoseTransfer) -> np.ndarray:
    """Ten masked, warped copies `[B,10,h,w,C]`, pixel by pixel."""
    masks = tf.image.resize(moved.part_masks, LEVEL).numpy()
    maps = rescale_transforms(moved.transforms, CANVAS, LEVEL).numpy()
    copies = [
        [slow_warp(f, t[part], LEVEL) * m[..., part : part + 1] for part in range(10)]
        for f, t, m in zip(features, maps, masks)
    ]
    return np.array(copies)


def skip_and_gradient(features, moved, upstream, xla=False):
    @tf.function(jit_compile=xla)
    def both(features, moved):
        with tf.GradientTape() as tape:
            tape.watch(features)
            result = deformable_skip(features, moved)
        return result, tape.gradient(result, features, tf.cast(upstream, features.dtype))

    return both(tf.convert_to_tensor(features), moved)


@pytest.mark.parametrize("xla", [False, True])
def test_a_torso_bounded_to_the_person_moves_nothing_else(xla):
    moved = transfer()
    around = neighbourhood(
        describe_pose(tf.constant(sample_poses(3, 64, 100, 0.1)), CANVAS, joint_radius=1.0).mask
    )
    bounded = moved.part_masks.numpy()
    bounded[..., :1] *= around
    assert 0.1 < bounded[..., 0].mean() < 0.95
    moved = moved._replace(part_masks=tf.constant(bounded))
    features = random_features()
    result, _ = skip_and_gradient(features, moved, np.zeros_like(features), xla)
    np.testing.assert_allclose(result, slow_parts(features, moved).max(axis=1), atol=1e-4)


@pytest.mark.parametrize("xla", [False, True])
@pytest.mark.parametrize("level", ["64x32", "16x8"])
def test_published_outputs(level, xla):
    arrays = golden("deformable_skip.npz")
    masks = tf.constant(unpacked(arrays["masks_packed"]).transpose(0, 2, 3, 1), tf.float32)
    moved = PoseTransfer(tf.constant(arrays["transforms"]), masks)
    skip = tf.function(deformable_skip, jit_compile=xla)
    result = skip(tf.constant(arrays[f"features_{level}"]), moved)
    np.testing.assert_allclose(result, arrays[f"output_{level}"], atol=1e-4)


@pytest.mark.parametrize("xla", [False, True])
def test_values_and_gradient_against_ten_copies(xla):
    features, moved = random_features(), transfer()
    upstream = np.random.default_rng(3).normal(size=features.shape).astype(np.float32)
    result, gradient = skip_and_gradient(features, moved, upstream, xla)
    copies = slow_parts(features, moved)
    np.testing.assert_allclose(result, copies.max(1), atol=1e-5)
    # The maximum is linear while no other part wins: probe the gradient along random directions.
    winners = copies.argmax(1)[:, np.newaxis]
    for seed in range(3):
        probe = np.random.default_rng(seed).normal(size=features.shape).astype(np.float32)
        change = np.take_along_axis(slow_parts(probe, moved), winners, axis=1)[:, 0]
        np.testing.assert_allclose(np.sum(gradient * probe), np.sum(upstream * change), rtol=1e-3, atol=1e-3)


def test_all_levels_of_precision_agree():
    features, moved = random_features(), transfer()
    ones = np.ones_like(features)
    for dtype in (tf.float16, tf.bfloat16):
        half = tf.cast(features, dtype)
        result, gradient = skip_and_gradient(half, moved, ones)
        exact, exact_gradient = skip_and_gradient(tf.cast(half, tf.float32), moved, ones)
        assert result.dtype == dtype and gradient.dtype == dtype
        np.testing.assert_array_equal(result, tf.cast(exact, dtype))
        np.testing.assert_array_equal(gradient, tf.cast(exact_gradient, dtype))


@pytest.mark.parametrize("xla", [False, True])
def test_parts_that_tie_share_one_gradient(xla):
    pose = tf.constant(sample_poses(1, 64, seed=5))
    still = describe_transfer(pose, pose, CANVAS)
    still = still._replace(transforms=tf.tile([[[1.0, 0, 0, 0, 1, 0, 0, 0]]], [1, 10, 1]))
    features = np.abs(random_features(batch=1)) + 0.1
    result, gradient = skip_and_gradient(features, still, np.ones_like(features), xla)
    np.testing.assert_allclose(result, features, rtol=1e-6)
    np.testing.assert_allclose(gradient, np.ones_like(features), rtol=1e-6)


@pytest.mark.parametrize("xla", [False, True])
def test_zero_wins_only_where_a_part_does_not_cover(xla):
    features = np.full((1, *LEVEL, 2), -3.0, np.float32)
    masks = np.ones((1, *CANVAS, 10), np.float32)
    masks[:, 32:, :, 9] = 0
    identity = tf.tile([[[1.0, 0, 0, 0, 1, 0, 0, 0]]], [1, 10, 1])
    moved = PoseTransfer(identity, tf.constant(masks))
    result, gradient = skip_and_gradient(features, moved, np.ones_like(features), xla)
    np.testing.assert_array_equal(result[0, :8], features[0, :8])
    np.testing.assert_array_equal(result[0, 8:], 0 * features[0, 8:])
    np.testing.assert_array_equal(gradient, result / -3.0)


def test_no_warped_copies_are_kept_for_the_gradient():
    features, moved = tf.constant(random_features(channels=256)), transfer()
    copy = features.numpy().nbytes

    def is_eager(tensor: tf.Tensor) -> bool:
        return hasattr(tensor, "numpy") and tensor.dtype.is_numpy_compatible

    def alive() -> int:
        gc.collect()
        return sum(t.numpy().nbytes for t in gc.get_objects() if isinstance(t, tf.Tensor) and is_eager(t))

    before = alive()
    with tf.GradientTape() as tape:
        tape.watch(features)
        result = deformable_skip(features, moved)
    # The result, and who won, a quarter of a copy; taps do not grow with channels.
    assert copy <= alive() - before < 2 * copy
    assert tape.gradient(result, features) is not None


def test_two_replicas_give_what_one_gives():
    strategy = tf.distribute.MirroredStrategy(
        ["/cpu:0", "/cpu:1"], cross_device_ops=tf.distribute.ReductionToOneDevice()
    )
    features, moved = tf.constant(random_features(batch=4)), transfer(batch=4)
    ones = np.ones_like(features)
    whole = skip_and_gradient(features, moved, ones)
    batches = strategy.experimental_distribute_dataset(
        tf.data.Dataset.from_tensor_slices((features, moved)).batch(4)
    )
    halves = strategy.run(
        tf.function(lambda f, m: skip_and_gradient(f, m, np.ones((2, *LEVEL, 5), np.float32))),
        next(iter(batches)),
    )
    for expected, result in zip(whole, halves):
        np.testing.assert_allclose(np.concatenate(strategy.experimental_local_results(result)), expected)
