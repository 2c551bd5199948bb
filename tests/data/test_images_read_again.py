"""Images destroyed between their check and their turn: the error names the one that it is."""

from __future__ import annotations

import os

import pytest
import tensorflow as tf
from PIL import Image

from spt_tf.data.datasets import load_people
from spt_tf.data.file_reading import UnreadableFile
from spt_tf.data.images_read_again import naming_changed_images
from spt_tf.data.pipeline import pair_batches, training_batches
from tests.data.folders import CANVAS, market_folder

HEIGHT, WIDTH = CANVAS


@pytest.fixture(name="index")
def _index(tmp_path):
    market_folder(tmp_path, people=5)
    return load_people(tmp_path, "train", CANVAS)


def _cut(path):
    with open(path, "r+b") as file:
        file.truncate(300)


def _resize(path):
    Image.new("RGB", (WIDTH + 1, HEIGHT)).save(path)


DESTRUCTIONS = {
    "no such file": os.unlink,
    "not a readable picture": _cut,
    "an empty file": lambda path: os.truncate(path, 0),
    f"{HEIGHT}x{WIDTH + 1}, where {HEIGHT}x{WIDTH}": _resize,
}


@pytest.mark.parametrize("problem", DESTRUCTIONS)
def test_a_destroyed_image_is_named(index, problem):
    pairs = [(index.names[0], index.names[1]), (index.names[2], index.names[3])]
    evaluated, path = pair_batches(index, pairs, 1), index.image_paths[3]
    assert len(list(evaluated)) == 2
    DESTRUCTIONS[problem](path)
    with pytest.raises(UnreadableFile, match=problem) as error:
        list(evaluated)
    assert str(error.value).startswith(f"{path}: ") and str(error.value).count(path) == 1
    assert "\n" not in str(error.value)
    with pytest.raises(UnreadableFile, match=problem) as error, naming_changed_images(index):
        list(training_batches(index, None, 5, seed=0).take(1))
    assert error.value.path == path


def test_an_error_about_something_else_stays_what_it_is(index):
    with pytest.raises(tf.errors.InvalidArgumentError, match="mine"), naming_changed_images(index):
        raise tf.errors.InvalidArgumentError(None, None, "mine")
    os.unlink(index.image_paths[0])
    with pytest.raises(tf.errors.ResourceExhaustedError), naming_changed_images(index):
        raise tf.errors.ResourceExhaustedError(None, None, "no memory")
    with pytest.raises(ZeroDivisionError), naming_changed_images(index):
        raise ZeroDivisionError
