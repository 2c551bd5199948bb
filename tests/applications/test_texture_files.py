"""Texture transfers between people of a folder."""

from __future__ import annotations

import cv2
import numpy as np
import pytest
from absl import logging

from spt_tf.applications.texture_files import plan_texture_transfers, write_texture_transfers
from spt_tf.data.datasets import load_people_from
from tests.applications.painting import TOP, StandInPainter
from tests.evaluation.doll_house import CANVAS, write_doll_house


@pytest.fixture
def index(tmp_path):
    write_doll_house(tmp_path, 2)
    annotations = tmp_path / "market-annotation-test.csv"
    return load_people_from(tmp_path / "test", annotations, tmp_path / "parsing" / "test", CANVAS)


def _planned(index, labels):
    return plan_texture_transfers(index, [(index.names[0], index.names[3])], labels)


def test_labels_by_name_by_what_both_wear_and_all(index):
    assert _planned(index, "upper_clothes")[0].labels == (TOP,)
    assert _planned(index, "garments")[0].labels == (TOP,)
    assert _planned(index, "all")[0].labels is None


def test_what_cannot_be_done_names_the_pair(index):
    a, b = index.names[0], index.names[3]
    with pytest.raises(ValueError, match=f"{a} > {b}: the source wears no skirt"):
        _planned(index, "skirt")
    with pytest.raises(ValueError, match=r"x\.jpg: not in the annotations"):
        plan_texture_transfers(index, [(a, "x.jpg")], "all")
    with pytest.raises(ValueError, match="labels: expected some of"):
        _planned(index, "clothes")


def test_pictures_and_sheet(index, tmp_path):
    transfers = _planned(index, "garments")
    (path,) = write_texture_transfers(StandInPainter(), index, transfers, tmp_path / "out", relight=False)
    assert path.name == "0001_c1s1_000001_00___0002_c1s1_000002_00.png"
    picture = cv2.imread(str(path))[..., ::-1]
    target = index.image(3)
    inside = index.parsing(3) == TOP
    np.testing.assert_array_equal(picture[~inside], target[~inside])
    assert (picture[inside][:, 1] == 20 * TOP).all()
    assert (tmp_path / "out" / "sheet.png").is_file()


def test_opposite_views_are_warned_of(index, tmp_path, caplog):
    logging.use_python_logging()
    behind = index.keypoints[3].copy()
    behind[[0, 14, 15, 16, 17]] = -1
    behind[[2, 5]] = behind[[5, 2]]
    transfers = _planned(index, "garments")
    write_texture_transfers(StandInPainter(), index, transfers, tmp_path)
    assert "from behind" not in caplog.text
    write_texture_transfers(StandInPainter(), index, transfers, tmp_path, pose=behind)
    assert f"{index.names[0]} > {index.names[3]}: one is seen from the front" in caplog.text
