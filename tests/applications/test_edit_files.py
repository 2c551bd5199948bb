"""Edited maps of people of a folder."""

from __future__ import annotations

import cv2
import numpy as np
import pytest
import tensorflow as tf

from spt_tf.applications.edit_files import edit_maps, read_edited_maps, take_label, write_edits
from spt_tf.applications.parsing_edits.edits import Edits
from spt_tf.data.datasets import load_people_from
from spt_tf.data.parsing_maps import read_parsing_map, write_parsing_map
from tests.applications.painting import TOP, StandInPainter
from tests.evaluation.doll_house import CANVAS, write_doll_house


@pytest.fixture
def index(tmp_path):
    write_doll_house(tmp_path, 1)
    annotations = tmp_path / "market-annotation-test.csv"
    return load_people_from(tmp_path / "test", annotations, tmp_path / "parsing" / "test", CANVAS)


class _Moving(StandInPainter):
    """Moves every map five rows down."""

    def transform_parsing(self, parsing, keypoints, target_keypoints):
        return tf.constant(np.roll(parsing, 5, axis=0))


def test_maps_and_pictures(index, tmp_path):
    edited = edit_maps(index, index.names, Edits(bottom="skirt"))
    paths = write_edits(StandInPainter(), index, edited, tmp_path / "out", fill=False)
    assert [path.name for path in paths] == ["0001_c1s1_000001_00.png", "0001_c1s1_000002_00.png"]
    for place, (name, path) in enumerate(zip(index.names, paths)):
        labels = read_parsing_map(tmp_path / "out" / "parsing" / path.name)
        np.testing.assert_array_equal(labels, edited[name])
        changed = labels != index.parsing(place)
        picture = cv2.imread(str(path))[..., ::-1]
        assert changed.any() and (picture[changed][:, 1] == 20 * labels[changed]).all()
    assert (tmp_path / "out" / "sheet.png").is_file()


def test_maps_alone_draw_nobody(index, tmp_path):
    paths = write_edits(
        None, index, edit_maps(index, index.names[:1], Edits(sleeves="long")), tmp_path / "out"
    )
    assert [str(path.relative_to(tmp_path)) for path in paths] == ["out/parsing/0001_c1s1_000001_00.png"]
    assert [path.name for path in (tmp_path / "out").iterdir()] == ["parsing"]


def test_maps_drawn_elsewhere(index, tmp_path):
    drawn = np.full(CANVAS, 9, np.uint8)
    write_parsing_map(tmp_path / "mine" / "0001_c1s1_000001_00.png", drawn)
    read = read_edited_maps(tmp_path / "mine", index.names[:1], CANVAS)
    np.testing.assert_array_equal(read[index.names[0]], drawn)
    with pytest.raises(ValueError, match=r"edited map of 0001_c1s1_000002_00\.jpg: missing"):
        read_edited_maps(tmp_path / "mine", index.names, CANVAS)


def test_a_label_taken_from_somebody_else(index):
    before = {index.names[0]: index.parsing(0)}
    taken = take_label(_Moving(), index, before, f"upper_clothes:{index.names[1]}")
    np.testing.assert_array_equal(taken[index.names[0]] == TOP, np.roll(index.parsing(1), 5, axis=0) == TOP)
    with pytest.raises(ValueError, match=r"take: 0001_c1s1_000002_00\.jpg has no skirt"):
        take_label(_Moving(), index, before, f"skirt:{index.names[1]}")
    with pytest.raises(ValueError, match="not in the annotations"):
        take_label(_Moving(), index, before, "upper_clothes:nobody.jpg")


def test_an_edit_that_cannot_be_placed_names_the_person(index):
    index.keypoints[1] = -1
    with pytest.raises(ValueError, match=r"0001_c1s1_000002_00\.jpg: sleeves: no arm"):
        edit_maps(index, index.names, Edits(sleeves="long"))
