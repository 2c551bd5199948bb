"""A finished finder behind its calls."""

from __future__ import annotations

import numpy as np
import pytest

from spt_tf.perception.drawn_people import draw_people
from spt_tf.perception.finder import load_finder
from tests.perception.tiny import CANVAS, write_untrained_finder


@pytest.fixture(scope="module")
def run_dir(tmp_path_factory):
    return write_untrained_finder(tmp_path_factory.mktemp("runs") / "finder")


@pytest.fixture(scope="module")
def images():
    return draw_people(5, 3, CANVAS, 0)[0]


def test_one_image_is_answered_as_a_batch_of_one(run_dir, images):
    finder = load_finder(run_dir)
    batch, one = finder.find(images), finder.find(images[1])
    assert one.parsing.shape == CANVAS and one.keypoints.shape == (18, 2)
    for left, right in zip(batch, one):
        np.testing.assert_allclose(left[1], right, atol=1e-4)


def test_with_the_flip_test_a_mirror_image_is_answered_by_the_mirrored_answer(run_dir, images):
    finder = load_finder(run_dir, flip_test=True)
    straight, mirrored = finder.find(images), finder.find(np.ascontiguousarray(images[:, :, ::-1]))
    swap = np.array([0, 1, 2, 3, 4, 5, 7, 6, 9, 8])
    np.testing.assert_array_equal(straight.parsing, swap[mirrored.parsing.numpy()][:, :, ::-1])
    joints = [0, 1, 5, 6, 7, 2, 3, 4, 11, 12, 13, 8, 9, 10, 15, 14, 17, 16]
    np.testing.assert_allclose(straight.scores, mirrored.scores.numpy()[:, joints], atol=1e-4)
    x = mirrored.places.numpy()[:, joints, 1]
    np.testing.assert_allclose(straight.places[..., 1], CANVAS[1] - 1 - x, atol=1e-2)
    plain = load_finder(run_dir).find(images)
    assert np.abs(plain.confidence - straight.confidence).max() > 1e-4


def test_an_image_of_another_size_is_refused(run_dir):
    with pytest.raises(ValueError, match=r"expected \[32,32,3\]"):
        load_finder(run_dir).find(np.zeros([32, 16, 3], np.uint8))
