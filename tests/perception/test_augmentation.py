"""Augmented people: labels and joints go where the image goes, and chance is the seed's alone."""

from __future__ import annotations

import numpy as np
import pytest
import tensorflow as tf

from spt_tf.perception import augmentation
from spt_tf.perception.augmentation import augment
from spt_tf.perception.drawn_people import draw_people
from spt_tf.perception.examples import as_dict

CANVAS = (64, 48)


@pytest.fixture(scope="module")
def dolls():
    return as_dict(draw_people(3, 12, CANVAS, 0))


def _augmented(batch, number: int = 0, rate: float = 1.0):
    changed = tf.function(augment)(batch, tf.constant([1, number], tf.int64), rate)
    return {name: value.numpy() for name, value in changed.items()}


def test_chance_is_the_seeds_alone(dolls):
    first, again, other = _augmented(dolls), _augmented(dolls), _augmented(dolls, 1)
    for name in first:
        np.testing.assert_array_equal(first[name], again[name])
        assert (first[name] != other[name]).any()


def test_a_rate_of_nothing_changes_nothing(dolls):
    for name, value in _augmented(dolls, rate=0.0).items():
        np.testing.assert_allclose(value.astype(float), dolls[name].numpy().astype(float), atol=1e-4)


def test_shapes_and_types_stay_and_joints_stay_on_the_canvas(dolls):
    changed = _augmented(dolls)
    for name, value in changed.items():
        assert value.shape == dolls[name].shape and value.dtype == dolls[name].dtype
    points = changed["source_keypoints"]
    assert (((points >= 0).all(-1) & (points <= np.array(CANVAS) - 1).all(-1)) | (points == -1).all(-1)).all()
    assert changed["source_parsing"].max() < 10


def test_joints_labels_and_image_move_together(monkeypatch):
    """A spot of light that is all of a label lies where its joint does, wherever it was moved to."""
    for change in ("_before_another_background", "_in_another_light", "_as_a_camera_sees_it", "_as_jpeg"):
        monkeypatch.setattr(augmentation, change, lambda chance, image, *_: image)
    monkeypatch.setattr(augmentation, "_occluded", lambda chance, *person: person)
    rng, count = np.random.default_rng(5), 16
    places = rng.integers(20, 28, [count, 2])
    image, labels = np.zeros([count, *CANVAS, 3], np.uint8), np.zeros([count, *CANVAS], np.uint8)
    keypoints = np.full([count, 18, 2], -1, np.float32)
    for k, (y, x) in enumerate(places):
        labels[k, y - 2 : y + 3, x - 2 : x + 3] = 3
        image[k, y - 2 : y + 3, x - 2 : x + 3] = 255
        keypoints[k, 4] = y, x
    batch = {"source_image": image, "source_parsing": labels, "source_keypoints": keypoints}
    changed = _augmented({name: tf.constant(value) for name, value in batch.items()})
    moved = np.abs(changed["source_keypoints"][:, 4] - places).max()
    assert moved > 3
    for k in range(count):
        middle = changed["source_keypoints"][k, 4]
        np.testing.assert_allclose(np.argwhere(changed["source_parsing"][k] == 3).mean(0), middle, atol=0.6)
        bright = changed["source_image"][k, ..., 0].astype(float)
        grid = np.stack(np.meshgrid(*map(np.arange, CANVAS), indexing="ij"), -1)
        weighted = (grid * bright[..., None]).sum((0, 1)) / bright.sum()
        np.testing.assert_allclose(weighted, middle, atol=0.3)


def test_occluders_have_the_size_they_are_said_to_have(dolls, monkeypatch):
    monkeypatch.setattr(augmentation, "_OCCLUDERS", 1)
    image = tf.zeros_like(dolls["source_image"])
    chance = augmentation.Chance(tf.constant([1, 0], tf.int64), tf.constant(12), 1.0)
    args = chance, tf.cast(image, tf.float32), dolls["source_parsing"], dolls["source_keypoints"]
    covered = (augmentation._occluded(*args)[0].numpy() != 0).any(-1)
    assert 2 < covered.any((1, 2)).sum() < 12  # half of the people
    for rows in (covered.any(2), covered.any(1)):
        assert (rows.sum(1) <= np.ceil(0.4 * rows.shape[1])).all()


def test_what_an_occluder_covers_is_background_and_its_joints_are_missing(dolls, monkeypatch):
    for change in ("_before_another_background", "_in_another_light", "_as_a_camera_sees_it", "_as_jpeg"):
        monkeypatch.setattr(augmentation, change, lambda chance, image, *_: image)
    monkeypatch.setattr(augmentation, "_moved", lambda chance, *person: person)
    before = {name: value.numpy() for name, value in dolls.items()}
    after = _augmented(dolls)
    covered = (before["source_image"] != after["source_image"]).any(-1)
    assert covered.any() and (after["source_parsing"][covered] == 0).all()
    joints = before["source_keypoints"]
    for k, j in np.argwhere((joints >= 0).all(-1)):
        y, x = joints[k, j].astype(int)
        gone = (after["source_keypoints"][k, j] == -1).all()
        assert gone or not covered[k, y, x]
        assert not gone or after["source_parsing"][k, y, x] == 0
    lost = (after["source_keypoints"] == -1).all(-1) & (joints >= 0).all(-1)
    assert lost.any()
