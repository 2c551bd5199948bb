"""Batches for the finder: the same from any start, in any number of processes, drawn and from files."""

from __future__ import annotations

import itertools

import numpy as np

from spt_tf.data.datasets import load_people
from spt_tf.perception.drawn_people import draw_held_out, draw_people, drawn_batches
from spt_tf.perception.examples import KEYS, perception_batches
from tests.data.folders import market_folder
from tests.perception.tiny import CANVAS, tiny_config


def _taken(stream, count):
    return [{key: value.numpy() for key, value in batch.items()} for batch in stream.take(count)]


def _same(left, right):
    for one, other in zip(left, right):
        for key in KEYS:
            np.testing.assert_array_equal(one[key], other[key])


def test_a_stream_that_stops_carries_on_where_it_was():
    config = tiny_config()
    whole = _taken(perception_batches(config, None, 2), 3)
    _same(whole[2:], _taken(perception_batches(config, None, 2, start_batch=2), 1))
    assert (whole[0]["source_image"] != whole[1]["source_image"]).any()


def test_people_do_not_depend_on_how_many_processes_draw_them():
    here, elsewhere = (list(itertools.islice(drawn_batches(0, 4, 2, CANVAS, n), 2)) for n in (0, 1))
    for one, other in zip(here, elsewhere):
        for array, again in zip(one, other):
            np.testing.assert_array_equal(array, again)


def test_held_out_people_are_not_those_that_are_learned_from():
    learned, held_out = draw_people(0, 4, CANVAS, 0), draw_held_out(0, 4, CANVAS)
    assert not any((one == other).all() for one in learned[0] for other in held_out[0])


def test_people_from_files_and_drawn_ones_share_a_batch(tmp_path):
    market_folder(tmp_path, people=4, canvas=CANVAS)
    config = tiny_config(data_dir=str(tmp_path), dolls=0.5, augmentation=0.0, flip=False)
    people = load_people(tmp_path, "train", CANVAS, require_torso=False)
    (batch,) = _taken(perception_batches(config, people, 4), 1)
    for key, array in zip(KEYS, draw_people(0, 2, CANVAS, 0)):
        np.testing.assert_array_equal(batch[key][:2], array)
    files = {people.image(place).tobytes() for place in range(len(people))}
    assert {image.tobytes() for image in batch["source_image"][2:]} <= files
