"""What a caller may give of people, and what is refused."""

from __future__ import annotations

import numpy as np
import pytest
import tensorflow as tf
from PIL import Image

from spt_tf.data.given_people import as_batch
from spt_tf.data.parsing_maps import write_parsing_map

CANVAS = (8, 4)
IMAGE = np.arange(96, dtype=np.uint8).reshape(8, 4, 3)
LABELS = (np.arange(32) % 10).reshape(8, 4)
POSE = np.arange(36).reshape(18, 2)


def test_arrays_tensors_and_files_are_the_same(tmp_path):
    Image.fromarray(IMAGE).save(tmp_path / "person.png")
    write_parsing_map(tmp_path / "labels.png", LABELS)
    np.save(tmp_path / "labels.npy", LABELS)
    forms = [
        {"image": IMAGE, "parsing": LABELS},
        {"image": tf.constant(IMAGE), "parsing": tf.constant(LABELS, tf.uint8)},
        {"image": tmp_path / "person.png", "parsing": str(tmp_path / "labels.png")},
        {"image": str(tmp_path / "person.png"), "target_parsing": tmp_path / "labels.npy"},
    ]
    for form in forms:
        batch, single = as_batch(CANVAS, {**form, "source_keypoints": POSE})
        assert single and list(batch) == [*form, "source_keypoints"]
        (image, labels, pose) = batch.values()
        np.testing.assert_array_equal(image, IMAGE[None])
        np.testing.assert_array_equal(labels, LABELS[None])
        assert labels.dtype == tf.uint8 and pose.dtype == tf.float32


def test_a_batch_keeps_its_axis():
    batch, single = as_batch(CANVAS, {"image": np.stack([IMAGE] * 3), "keypoints": np.stack([POSE] * 3)})
    assert not single and batch["image"].shape == (3, 8, 4, 3) and batch["keypoints"].shape == (3, 18, 2)


def test_what_does_not_fit_is_named(tmp_path):
    Image.fromarray(IMAGE[:4]).save(tmp_path / "small.png")
    wrong = {
        r"small\.png: image: expected \[8,4,3\] or \[B,8,4,3\], got \[4, 4, 3\]": {
            "image": tmp_path / "small.png"
        },
        r"image: expected uint8, got float64": {"image": IMAGE / 255},
        r"parsing: expected labels, whole numbers, got float64": {"parsing": LABELS / 9},
        r"keypoints: expected \[18,2\] or \[B,18,2\], got \[17, 2\]": {"keypoints": POSE[1:]},
        r"keypoints: expected \[18,2\] numbers; data\.annotations": {"keypoints": "poses.csv"},
        r"as many people everywhere, got image of one person, keypoints of 2": {
            "image": IMAGE,
            "keypoints": np.stack([POSE] * 2),
        },
    }
    for message, given in wrong.items():
        with pytest.raises(ValueError, match=message):
            as_batch(CANVAS, given)
    with pytest.raises(OSError, match="nowhere"):
        as_batch(CANVAS, {"image": tmp_path / "nowhere.png"})
