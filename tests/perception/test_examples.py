"""Batches for the finder: the same from any start, in any number of processes, drawn and from files."""

from __future__ import annotations

import itertools

import numpy as np

from spt_tf.data.datasets import load_people
from spt_tf.geometry.mirror import mirror_parsing
from spt_tf.perception.drawn_people import draw_held_out, draw_people, drawn_batches, looked_at_again
from spt_tf.perception.examples import KEYS, as_dict, perception_batches
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


def test_a_drawn_doll_comes_again_later_and_not_twice_in_a_batch():
    groups = ((np.full([2, 1], n),) * 3 for n in itertools.count(10))
    batches = [tuple(images[:, 0]) for images, _, _ in itertools.islice(looked_at_again(groups, 3, 5), 60)]
    assert batches[0] == (10, 10, 33, 33, 56) and batches[23] == (33, 33, 56, 56, 79)
    assert sum(66 in batch for batch in batches) == 3


def test_looks_carry_on_where_they_were():
    config = tiny_config(looks=2)
    whole = _taken(perception_batches(config, None, 2), 3)
    _same(whole[2:], _taken(perception_batches(config, None, 2, start_batch=2), 1))


def test_drawn_people_are_mirrored_and_not_changed_at_the_end_of_training():
    config = tiny_config(perception_steps=4, final_augmentation=0.0)
    (batch,) = _taken(perception_batches(config, None, 8, start_batch=4), 1)
    drawn = {key: np.asarray(value) for key, value in as_dict(draw_people(0, 8, CANVAS, 32)).items()}
    images = batch["source_image"]
    same = (images == drawn["source_image"]).all(axis=(1, 2, 3))
    turned = (images == drawn["source_image"][:, :, ::-1]).all(axis=(1, 2, 3))
    assert (same ^ turned).all() and same.any() and turned.any()
    labels = np.where(turned[:, None, None], mirror_parsing(drawn["source_parsing"]), drawn["source_parsing"])
    np.testing.assert_array_equal(batch["source_parsing"], labels)


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
