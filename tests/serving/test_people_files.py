"""The people of a request, where their poses are another tool's files."""

from __future__ import annotations

import numpy as np
import pytest
from PIL import Image

from spt_tf.data.annotations import AnnotationRow
from spt_tf.data.datasets import load_people_from
from spt_tf.data.parsing_maps import write_parsing_map
from spt_tf.perception.pose_files.any_annotations import read_any_annotation_rows
from spt_tf.serving.people_files import PeopleFiles, PeoplePaths, RowError
from tests.perception.pose_files import writers
from tests.perception.pose_files.writers import SIZE, a_pose, write


@pytest.fixture
def paths(tmp_path):
    (tmp_path / "photos").mkdir()
    Image.new("RGB", SIZE[::-1]).save(tmp_path / "photos" / "anna.jpg")
    write_parsing_map(tmp_path / "parsing" / "anna.png", np.zeros(SIZE, np.uint8))
    write(tmp_path / "poses" / "anna_keypoints.json", writers.openpose(a_pose()))
    write(tmp_path / "poses" / "nobody.json", {"people": []})
    return PeoplePaths(tmp_path / "photos", tmp_path / "parsing", tmp_path / "poses")


def test_batch_scoring_and_the_client_read_pose_files(paths):
    people = PeopleFiles(paths)
    np.testing.assert_array_equal(people.keypoints("anna.jpg"), a_pose())
    with pytest.raises(RowError, match=r"nobody\.jpg: not in the annotation file"):
        people.keypoints("nobody.jpg")


def test_a_generating_run_loads_people_by_rows(paths):
    rows = read_any_annotation_rows(paths.annotations, paths.images_dir)
    index = load_people_from(paths.images_dir, paths.annotations, paths.parsing_dir, SIZE, rows=rows)
    assert index.names == ("anna.jpg",)
    np.testing.assert_array_equal(index.keypoints[0], a_pose())
    outside = [AnnotationRow("anna.jpg", rows[0].keypoints + 40, 1)]
    with pytest.raises(ValueError, match="joint outside the canvas"):
        load_people_from(paths.images_dir, paths.annotations, paths.parsing_dir, SIZE, rows=outside)
