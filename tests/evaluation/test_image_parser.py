"""The image parser learns, and comes back from its file."""

from __future__ import annotations

import numpy as np
import pytest

from spt_tf.data.datasets import load_people
from spt_tf.evaluation.image_parser import load_image_parser, miou_of_true_images, train_image_parser
from spt_tf.evaluation.parser_file import parser_facts
from spt_tf.paper_dolls.dataset import DatasetPlan, write_dataset

CANVAS = (32, 16)


@pytest.fixture(scope="module")
def index(tmp_path_factory):
    """Eight paper dolls."""
    folder = tmp_path_factory.mktemp("data") / "dolls"
    write_dataset(folder, DatasetPlan(CANVAS, seed=0, num_train=8, num_test_pairs=0))
    return load_people(folder, "train", CANVAS)


def test_it_learns_and_comes_back_from_its_file(index, tmp_path):
    untrained, trained = (train_image_parser(index, steps) for steps in (1, 40))
    names = list(index.names)
    learned = miou_of_true_images(trained, index, names)
    assert learned > miou_of_true_images(untrained, index, names) + 0.05
    trained.save(tmp_path / "parser.npz", {"miou_of_true_targets": learned})
    assert parser_facts(tmp_path / "parser.npz") == {"miou_of_true_targets": learned, "canvas": list(CANVAS)}
    again = load_image_parser(tmp_path / "parser.npz", CANVAS)
    images = np.stack([index.image(place) for place in range(3)])
    np.testing.assert_array_equal(again(images), trained(images))
    with pytest.raises(ValueError, match=r"parses images of \[32, 16\], these are \[32, 32\]"):
        load_image_parser(tmp_path / "parser.npz", (32, 32))


def test_another_file_is_refused(tmp_path):
    np.savez(tmp_path / "other.npz", values=np.zeros(3))
    with pytest.raises(ValueError, match="no image parser"):
        load_image_parser(tmp_path / "other.npz", CANVAS)
