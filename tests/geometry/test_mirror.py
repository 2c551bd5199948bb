"""Mirror images of images, label maps and keypoints agree with each other."""

from __future__ import annotations

import numpy as np
import pytest
import tensorflow as tf

from spt_tf.anatomy import JOINT, LABEL
from spt_tf.geometry.mirror import mirror_image, mirror_keypoints, mirror_parsing, mirror_soft_parsing
from tests.data.folders import CANVAS, some_keypoints

HEIGHT, WIDTH = CANVAS


def test_a_joint_keeps_its_pixel_and_takes_the_other_sides_name():
    keypoints = np.full((18, 2), -1, np.float32)
    keypoints[JOINT["left_wrist"]] = [20, 3]
    keypoints[JOINT["nose"]] = [4, 0]
    image = np.zeros((HEIGHT, WIDTH, 3), np.uint8)
    image[20, 3] = 255
    mirrored = mirror_keypoints(tf.constant(keypoints), WIDTH).numpy()
    assert mirrored[JOINT["right_wrist"]].tolist() == [20, WIDTH - 1 - 3]
    assert mirrored[JOINT["left_wrist"]].tolist() == [-1, -1]
    assert mirrored[JOINT["nose"]].tolist() == [4, WIDTH - 1]
    assert (mirrored >= 0).all(axis=1).sum() == 2
    assert mirror_image(tf.constant(image)).numpy()[20, WIDTH - 1 - 3].tolist() == [255, 255, 255]


@pytest.mark.parametrize("part", ["arm", "leg"])
def test_a_left_limb_becomes_a_right_one(part):
    labels = np.zeros((HEIGHT, WIDTH), np.uint8)
    labels[5, 2], labels[5, 9], labels[0, 0] = LABEL[f"left_{part}"], LABEL[f"right_{part}"], LABEL["hair"]
    mirrored = mirror_parsing(tf.constant(labels)).numpy()
    assert mirrored[5, WIDTH - 1 - 2] == LABEL[f"right_{part}"]
    assert mirrored[5, WIDTH - 1 - 9] == LABEL[f"left_{part}"]
    assert mirrored[0, WIDTH - 1] == LABEL["hair"]
    assert mirrored.dtype == np.uint8 and np.count_nonzero(mirrored) == 3


def test_twice_mirrored_is_as_before_alone_and_in_batches():
    rng = np.random.default_rng(0)
    image = tf.constant(rng.integers(0, 256, (2, HEIGHT, WIDTH, 3), np.uint8))
    labels = tf.constant(rng.integers(0, 10, (2, HEIGHT, WIDTH), np.uint8))
    keypoints = tf.stack([some_keypoints(0), some_keypoints(1)])
    turns = [
        (mirror_image, image),
        (mirror_parsing, labels),
        (lambda joints: mirror_keypoints(joints, WIDTH), keypoints),
    ]
    for turn, value in turns:
        assert np.any(turn(value) != value)
        np.testing.assert_array_equal(turn(turn(value)), value)
        np.testing.assert_array_equal(turn(value)[1], turn(value[1]))


def test_a_joint_on_the_last_half_pixel_stays_present():
    keypoints = tf.fill([18, 2], WIDTH - 0.75)
    mirrored = mirror_keypoints(keypoints, WIDTH)
    assert np.all(mirrored[:, 1] == 0) and np.all(mirrored[:, 0] == WIDTH - 0.75)


def test_soft_parsings_are_mirrored_as_labels_are():
    labels = tf.constant(np.random.default_rng(0).integers(0, 10, (2, HEIGHT, WIDTH), np.uint8))
    mirrored = mirror_soft_parsing(tf.one_hot(labels, 10))
    np.testing.assert_array_equal(tf.argmax(mirrored, axis=-1), mirror_parsing(labels))
