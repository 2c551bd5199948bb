"""Annotation and pair files: the real ones, round trips, and every malformed line."""

from __future__ import annotations

import json
import os

import numpy as np
import pytest

from spt_tf.anatomy import JOINT, TORSO_JOINTS
from spt_tf.data.annotations import (
    AnnotationError,
    read_annotation_rows,
    read_annotations,
    read_pairs,
    write_annotations,
    write_pairs,
)
from tests.shared_files import shared_path

HEADER = "name:keypoints_y:keypoints_x\n"
GOOD = json.dumps(list(range(18)))


def _torso_share(people: dict[str, np.ndarray]) -> float:
    return np.mean([(keypoints[list(TORSO_JOINTS)] >= 0).all() for keypoints in people.values()])


@pytest.mark.parametrize(
    ("file", "people", "torso"),
    [
        ("market-annotation-train.csv", 12936, 0.937),
        ("market-annotation-test.csv", 19732, 0.757),
        ("fasion-annotation-test.csv", 4061, 0.807),
    ],
)
def test_the_real_annotations(file, people, torso):
    read = read_annotations(shared_path(f"data/annotations/{file}"))
    assert len(read) == people
    assert _torso_share(read) == pytest.approx(torso, abs=5e-4)
    assert all(keypoints.shape == (18, 2) and keypoints.dtype == np.float32 for keypoints in read.values())


def test_a_real_line_is_read_as_y_and_x_in_openpose_order():
    people = read_annotations(shared_path("data/annotations/market-annotation-train.csv"))
    keypoints = people["0224_c6s1_055726_02.jpg"]
    assert keypoints[JOINT["nose"]].tolist() == [8, 39]
    assert keypoints[JOINT["right_shoulder"]].tolist() == [23, 20]
    assert keypoints[JOINT["left_ankle"]].tolist() == [108, 45]
    assert people["1123_c2s2_161352_01.jpg"][JOINT["nose"]].tolist() == [-1, -1]


def test_the_right_eye_lies_left_in_the_picture_of_people_who_face_the_camera():
    people = np.stack(
        list(read_annotations(shared_path("data/annotations/fasion-annotation-test.csv")).values())
    )
    # Who faces the camera shows both eyes and both shoulders, the right one left in the picture.
    seen = (people[:, [2, 5, 14, 15]] >= 0).all(axis=(1, 2))
    facing = people[seen & (people[:, 2, 1] < people[:, 5, 1])]
    assert len(facing) > 2000
    assert (facing[:, JOINT["right_eye"], 1] < facing[:, JOINT["left_eye"], 1]).mean() > 0.99


@pytest.mark.parametrize(
    ("file", "count"), [("market-pairs-test.csv", 12000), ("fasion-pairs-test.csv", 8670)]
)
def test_the_real_pairs_name_annotated_people(file, count):
    pairs = read_pairs(shared_path(f"data/annotations/{file}"))
    people = read_annotations(shared_path(f"data/annotations/{file.replace('pairs', 'annotation')}"))
    assert len(pairs) == count
    assert all(name in people for pair in pairs for name in pair)


def test_annotations_come_back_as_they_were_written(tmp_path):
    keypoints = np.arange(36, dtype=np.float32).reshape(18, 2)
    keypoints[3] = -1
    keypoints[5] = [10.25, 3.5]
    write_annotations(tmp_path / "new" / "a.csv", {"b.jpg": keypoints, "a.jpg": keypoints + 1})
    read = read_annotations(tmp_path / "new" / "a.csv")
    assert list(read) == ["b.jpg", "a.jpg"]
    np.testing.assert_array_equal(read["b.jpg"], keypoints)
    assert [path.name for path in (tmp_path / "new").iterdir()] == ["a.csv"]


def test_writing_bad_keypoints_leaves_the_old_file(tmp_path):
    file = tmp_path / "a.csv"
    file.write_text("old")
    for bad in (np.zeros((17, 2)), np.full((18, 2), np.nan)):
        with pytest.raises(ValueError, match="finite keypoints"):
            write_annotations(file, {"a.jpg": bad})
    assert file.read_text() == "old"


def test_pairs_come_back_as_they_were_written(tmp_path):
    pairs = [("a.jpg", "b.jpg"), ("b.jpg", "a.jpg"), ("a.jpg", "b.jpg")]
    write_pairs(tmp_path / "pairs.csv", pairs)
    assert read_pairs(tmp_path / "pairs.csv") == pairs


def test_a_list_may_come_through_a_pipe():
    reader, writer = os.pipe()  # as bash's <(...) gives one
    os.write(writer, b"from,to\na.jpg,b.jpg\n")
    os.close(writer)
    assert read_pairs(f"/dev/fd/{reader}") == [("a.jpg", "b.jpg")]
    os.close(reader)


def test_further_columns_of_a_pairs_file_are_passed_over(tmp_path):
    (tmp_path / "p.csv").write_text("from,to,energy\na.jpg,b.jpg,12.5\n")
    assert read_pairs(tmp_path / "p.csv") == [("a.jpg", "b.jpg")]


def test_blank_lines_windows_line_ends_and_a_byte_order_mark_are_no_fault(tmp_path):
    text = f"{HEADER}\na.jpg: {GOOD}: {GOOD}\n\n".replace("\n", "\r\n")
    (tmp_path / "a.csv").write_bytes(b"\xef\xbb\xbf" + text.encode())
    [row] = read_annotation_rows(tmp_path / "a.csv")
    assert (row.name, row.row) == ("a.jpg", 3)


@pytest.mark.parametrize(
    ("line", "complaint"),
    [
        ("a.jpg", "expected name"),
        (f"a.jpg: {GOOD}", "expected name"),
        (f": {GOOD}: {GOOD}", "expected an image's file name"),
        (f"../a.jpg: {GOOD}: {GOOD}", "expected an image's file name"),
        (f"/a.jpg: {GOOD}: {GOOD}", "expected an image's file name"),
        (f"a.jpg: {GOOD}: [1, 2", "keypoints_x is not a JSON list"),
        (f"a.jpg: {GOOD[:-1]}, 18]: {GOOD}", "keypoints_y needs a list of 18 numbers, found 19"),
        (f"a.jpg: {GOOD}: 7", "keypoints_x needs a list of 18"),
        (f"a.jpg: {GOOD.replace('5', 'null', 1)}: {GOOD}", "left_shoulder needs a pixel coordinate"),
        (f"a.jpg: {GOOD.replace('5', 'true', 1)}: {GOOD}", "left_shoulder needs a pixel coordinate"),
        (f"a.jpg: {GOOD.replace('5', 'NaN', 1)}: {GOOD}", "left_shoulder needs a pixel coordinate"),
        (f"a.jpg: {GOOD.replace('5', '1e999', 1)}: {GOOD}", "left_shoulder needs a pixel coordinate"),
        (f"a.jpg: {GOOD.replace('5', '-3', 1)}: {GOOD}", "left_shoulder needs a pixel coordinate"),
        (f"a.jpg: {GOOD.replace('3', '-1', 1)}: {GOOD}", "right_elbow has one coordinate of two"),
    ],
)
def test_a_malformed_line_stops_with_file_and_row(tmp_path, line, complaint):
    file = tmp_path / "market-annotation-train.csv"
    file.write_text(f"{HEADER}fine.jpg: {GOOD}: {GOOD}\n{line}\n")
    with pytest.raises(AnnotationError, match=complaint) as error:
        read_annotations(file)
    assert f"{file}, row 3:" in str(error.value)
    assert error.value.row == 3


@pytest.mark.parametrize("text", ["", "name,y,x\n", f"a.jpg: {GOOD}: {GOOD}\n"])
def test_a_file_without_the_header_stops(tmp_path, text):
    (tmp_path / "a.csv").write_text(text)
    with pytest.raises(AnnotationError, match="row 1: expected the header"):
        read_annotations(tmp_path / "a.csv")


def test_bytes_that_are_no_text_stop_with_their_row(tmp_path):
    (tmp_path / "a.csv").write_bytes(HEADER.encode() + b"\xff\xfe\n")
    with pytest.raises(AnnotationError, match="row 2: expected UTF-8"):
        read_annotations(tmp_path / "a.csv")


def test_a_name_annotated_twice_stops_where_nothing_reports_it(tmp_path):
    (tmp_path / "a.csv").write_text(HEADER + f"a.jpg: {GOOD}: {GOOD}\n" * 2)
    with pytest.raises(AnnotationError, match=r"row 3: 'a\.jpg' has been annotated"):
        read_annotations(tmp_path / "a.csv")


@pytest.mark.parametrize(
    ("text", "row", "complaint"),
    [
        ("", 1, "header"),
        ("a,b\n", 1, "header"),
        ("from,to\na.jpg,b.jpg\na.jpg\n", 3, "expected 2 fields, found 1"),
        ("from,to\na.jpg,b.jpg,c.jpg\n", 2, "expected 2 fields, found 3"),
        ("from,to\na.jpg,\n", 2, "file name"),
        ("from,to\n../a.jpg,b.jpg\n", 2, "file name"),
    ],
)
def test_a_malformed_pairs_file_stops_with_its_row(tmp_path, text, row, complaint):
    (tmp_path / "p.csv").write_text(text)
    with pytest.raises(AnnotationError, match=complaint) as error:
        read_pairs(tmp_path / "p.csv")
    assert error.value.row == row
