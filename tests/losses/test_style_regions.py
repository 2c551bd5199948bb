"""The regions that the style loss compares: labels, person and rest, patches."""

from __future__ import annotations

import numpy as np
import pytest
import tensorflow as tf

from spt_tf.losses.style import style_loss
from spt_tf.losses.style_regions import PATCH_SIDE, label_regions, mask_regions, patch_regions

CANVAS = (32, 16)


def _joints(*places: tuple[float, float]) -> tf.Tensor:
    """Keypoints `[1,18,2]` with the first joints given and the others missing."""
    return tf.constant([[*places, *[(-1.0, -1.0)] * (18 - len(places))]])


def _sameness(features: tf.Tensor, moved: tf.Tensor, regions) -> float:
    return float(style_loss(features, moved, features, regions, regions)[0])


def test_a_map_contains_the_labels_of_its_pixels():
    present = label_regions(tf.one_hot([[[0, 2], [3, 1]]], 10)).present
    np.testing.assert_array_equal(present, [[True, True, False, False, False, False, False, False]])


def test_the_tail_of_a_softmax_contains_nothing():
    soft = tf.constant([[[[0.34, 0.0, 0.06, 0.6, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0]]]])
    np.testing.assert_array_equal(label_regions(soft).present[0], [0, 1, 0, 0, 0, 0, 0, 0])


def test_person_and_rest_share_the_picture():
    mask = tf.cast(tf.random.uniform([2, *CANVAS, 1]) < 0.4, tf.float32)
    masks, present = mask_regions(mask)
    np.testing.assert_array_equal(masks[..., 0], mask[..., 0])
    np.testing.assert_array_equal(tf.reduce_sum(masks, axis=-1), np.ones([2, *CANVAS]))
    assert np.all(present)
    assert mask_regions(tf.zeros([1, *CANVAS, 1])).present.numpy().tolist() == [[False, True]]


def test_mask_style_sees_what_the_person_wears_but_not_where():
    """Pixels may change places within the person; a pixel from outside may not come in."""
    mask = np.zeros([1, *CANVAS, 1], np.float32)
    mask[:, 8:24] = 1
    features = tf.random.normal([1, *CANVAS, 3])
    upside_down = tf.concat([features[:, :8], features[:, 8:24][:, ::-1], features[:, 24:]], axis=1)
    regions = mask_regions(tf.constant(mask))
    assert _sameness(features, features, regions) == 0
    assert _sameness(features, upside_down, regions) == pytest.approx(0, abs=1e-10)
    assert _sameness(features, tf.roll(features, 4, axis=1), regions) > 1e-5


def test_patches_are_squares_around_the_joints_there_are():
    masks, present = patch_regions(_joints((10.0, 8.0), (0.0, 15.0)), CANVAS)
    assert present.numpy()[0].tolist() == [True, True] + [False] * 16
    reach = int(PATCH_SIDE * CANVAS[0] / 2)
    square = np.zeros(CANVAS)
    square[10 - reach : 11 + reach, 8 - reach : 9 + reach] = 1
    np.testing.assert_array_equal(masks[0, ..., 0], square)
    assert np.sum(masks[0, ..., 1]) == (reach + 1) ** 2  # the corner's quarter
    assert np.sum(masks[0, ..., 2:]) == 0


def test_a_joint_that_either_pose_lacks_does_not_count():
    features = tf.random.normal([2, 1, *CANVAS, 3])
    one, both = _joints((10.0, 8.0)), _joints((10.0, 8.0), (20.0, 8.0))
    lone = [patch_regions(joints, CANVAS) for joints in (one, both)]
    loss = style_loss(features[0], features[1], features[0], *lone)
    elsewhere = features[1].numpy()
    elsewhere[:, 16:] = 0  # where the second joint alone looks
    np.testing.assert_allclose(style_loss(features[0], elsewhere, features[0], *lone), loss)
    assert loss[0] > 0
    nobody = patch_regions(_joints(), CANVAS)
    assert style_loss(features[0], features[1], features[0], nobody, lone[1]).numpy().tolist() == [0.0]


def test_patches_follow_their_joints():
    """A person who stands elsewhere, patch by patch the same, has the same style."""
    features = tf.random.normal([1, *CANVAS, 3])
    moved = tf.roll(features, 6, axis=1)
    here, there = (patch_regions(_joints((y, 8.0), (y + 5, 5.0)), CANVAS) for y in (10.0, 16.0))
    np.testing.assert_allclose(style_loss(features, moved, features, here, there), [0.0], atol=1e-10)


@pytest.mark.parametrize("kind", ["mask", "patch"])
def test_gradient_reaches_the_picture(kind):
    features = tf.random.normal([2, 1, *CANVAS, 3])
    regions = patch_regions(_joints((10.0, 8.0)), CANVAS)
    if kind == "mask":
        regions = mask_regions(regions.masks[..., :1])
    with tf.GradientTape() as tape:
        tape.watch(features)
        loss = style_loss(features[0], features[1], features[0], regions, regions)
    assert np.any(tape.gradient(loss, features)[1] != 0)
