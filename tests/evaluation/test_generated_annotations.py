"""Keypoints found in generated images, in this project's CSV or as another tool wrote them."""

from __future__ import annotations

import numpy as np
import pytest

from spt_tf.data.annotations import write_annotations
from spt_tf.evaluation.generated_annotations import read_generated_annotations
from tests.perception.pose_files import writers
from tests.perception.pose_files.writers import SIZE, a_pose, write

PAIRS = [("a.jpg", "b.jpg"), ("b.jpg", "a.jpg")]
POSES = {"a___b.png": a_pose(), "b.jpg_a.jpg.png": a_pose(1)}


@pytest.mark.parametrize("form", ["csv", "alphapose", "coco"])
def test_poses_are_found_by_the_pictures_names_in_every_form(tmp_path, form):
    if form == "csv":
        file = tmp_path / "found.csv"
        write_annotations(file, POSES)
    else:
        document = writers.alphapose(POSES) if form == "alphapose" else writers.coco_annotations(POSES)
        file = write(tmp_path / "found.json", document)
    found = read_generated_annotations(file, PAIRS, SIZE)
    for pair, pose in zip(PAIRS, POSES.values()):
        np.testing.assert_allclose(found[pair], pose, atol=0.006)


def test_a_picture_in_which_nobody_was_found_is_named(tmp_path):
    file = write(tmp_path / "found.json", writers.alphapose({"a___b.png": a_pose()}))
    with pytest.raises(ValueError, match=r"no line for 1 of 2 pairs: b\.jpg > a\.jpg"):
        read_generated_annotations(file, PAIRS, SIZE)
