"""Data-set folders: names and layouts, who is left out and why, and the four real people."""

from __future__ import annotations

import numpy as np
import pytest
import tensorflow as tf
from PIL import Image

from spt_tf.anatomy import JOINT, LABEL
from spt_tf.data.annotations import AnnotationError, read_annotations, write_annotations, write_pairs
from spt_tf.data.datasets import DatasetError, load_pairs, load_pairs_from, load_people, load_people_from
from spt_tf.data.images import decode_image
from spt_tf.data.parsing_maps import read_parsing_map, write_parsing_map
from spt_tf.data.report import Reason
from tests.data.folders import CANVAS, market_folder, some_keypoints, write_person
from tests.shared_files import shared_path

ANNOTATION, PAIRS = "market-annotation-train.csv", "market-pairs-train.csv"


def test_a_market_folder(tmp_path):
    names = market_folder(tmp_path)
    index = load_people(tmp_path, "train", CANVAS)
    assert index.names == tuple(names) and len(index) == 5
    assert index.report.summary() == f"{tmp_path / ANNOTATION}: 5 of 5 kept"
    assert index.keypoints.shape == (5, 18, 2) and index.keypoints.dtype == np.float32
    np.testing.assert_array_equal(index.keypoints[3], some_keypoints(3))
    np.testing.assert_array_equal(index.parsing(3), read_parsing_map(index.parsing_paths[3]))
    assert index.image(3).shape == (*CANVAS, 3)
    assert index.positions[names[3]] == 3
    pairs, report = load_pairs(tmp_path, "train", index)
    assert pairs == ((names[0], names[1]), (names[0], names[2]), (names[1], names[0]))
    assert report.kept == 3 and not report.left_out


@pytest.mark.parametrize("split", ["train", "test"])
def test_original_folder_names_and_the_other_parsing_folder(tmp_path, split):
    names = market_folder(tmp_path, split)
    (tmp_path / split).rename(tmp_path / f"bounding_box_{split}")
    (tmp_path / "parsing" / split).rename(tmp_path / f"{split}_parsing")
    assert load_people(tmp_path, split, CANVAS).names == tuple(names)


@pytest.mark.parametrize("start", ["market", "fasion", "fashion", "fasion-resize", "fashion-resize"])
def test_every_spelling_of_the_file_names(tmp_path, start):
    names = market_folder(tmp_path)
    (tmp_path / ANNOTATION).rename(tmp_path / f"{start}-annotation-train.csv")
    (tmp_path / PAIRS).rename(tmp_path / f"{start}-pairs-train.csv")
    index = load_people(tmp_path, "train", CANVAS)
    assert index.names == tuple(names)
    assert load_pairs(tmp_path, "train", index).report.kept == 3


def test_parsing_as_npy(tmp_path):
    market_folder(tmp_path)
    path = tmp_path / "parsing" / "train" / "0002_c1s1_000001_00.png"
    labels = read_parsing_map(path)
    path.unlink()
    np.save(path.with_suffix(".npy"), labels.astype(np.int64))
    np.testing.assert_array_equal(load_people(tmp_path, "train", CANVAS).parsing(1), labels)


def _no_torso(root, name):
    people = read_annotations(root / ANNOTATION)
    people[name][JOINT["left_hip"]] = -1
    write_annotations(root / ANNOTATION, people)


def _joint_outside(root, name):
    people = read_annotations(root / ANNOTATION)
    people[name][JOINT["nose"]] = [3, CANVAS[1]]
    write_annotations(root / ANNOTATION, people)


def _repeated(root, name):
    file = root / ANNOTATION
    lines = file.read_text().splitlines()
    file.write_text("\n".join([*lines, *(line for line in lines if line.startswith(name))]))


def _cut(path, keep):
    path.write_bytes(path.read_bytes()[: int(path.stat().st_size * keep)])


def _parsing_path(root, name):
    return (root / "parsing" / "train" / name).with_suffix(".png")


def _unknown_label(root, name):
    _parsing_path(root, name).unlink()
    np.save(_parsing_path(root, name).with_suffix(".npy"), np.full(CANVAS, 10))


def _zeros(height, width):
    return np.zeros((height, width), np.uint8)


FAULTS = {
    Reason.NO_TORSO: _no_torso,
    Reason.JOINT_OUTSIDE: _joint_outside,
    Reason.REPEATED: _repeated,
    Reason.MISSING_IMAGE: lambda root, name: (root / "train" / name).unlink(),
    Reason.UNREADABLE_IMAGE: lambda root, name: (root / "train" / name).write_text("no picture"),
    Reason.WRONG_IMAGE_SIZE: lambda root, name: Image.new("RGB", (CANVAS[0], CANVAS[1])).save(
        root / "train" / name
    ),
    Reason.MISSING_PARSING: lambda root, name: _parsing_path(root, name).unlink(),
    Reason.UNREADABLE_PARSING: lambda root, name: _cut(_parsing_path(root, name), 0.5),
    Reason.WRONG_PARSING_SIZE: lambda root, name: write_parsing_map(
        _parsing_path(root, name), _zeros(CANVAS[0], CANVAS[1] + 1)
    ),
    Reason.UNKNOWN_LABEL: _unknown_label,
}


@pytest.mark.parametrize("reason", FAULTS, ids=lambda reason: reason.name)
def test_who_cannot_be_used_is_left_out_with_the_reason(tmp_path, reason):
    names = market_folder(tmp_path)
    FAULTS[reason](tmp_path, names[2])
    index = load_people(tmp_path, "train", CANVAS)
    [entry] = index.report.left_out
    assert (entry.name, entry.reason) == (names[2], reason)
    kept = names if reason is Reason.REPEATED else [name for name in names if name != names[2]]
    assert index.names == tuple(kept)
    assert index.report.counts() == {reason: 1}
    assert f"1 left out: {reason.value} ({names[2]}" in index.report.summary()


def _another_format(name):
    def write(root, person):
        picture = Image.new("RGB", CANVAS[::-1])
        picture.save(root / "train" / person, format=name)

    return write


def _parsing_content(content, suffix):
    def write(root, name):
        _parsing_path(root, name).unlink()
        _parsing_path(root, name).with_suffix(suffix).write_bytes(content)

    return write


def _npz_as_npy(root, name):
    _parsing_path(root, name).unlink()
    with open(_parsing_path(root, name).with_suffix(".npy"), "wb") as file:
        np.savez(file, labels=_zeros(*CANVAS))


def _a_folder_in_its_place(root, name):
    (root / "train" / name).unlink()
    (root / "train" / name).mkdir()


@pytest.mark.parametrize(
    ("spoil", "reason"),
    [
        *((_another_format(name), Reason.UNREADABLE_IMAGE) for name in ("WebP", "BMP", "TIFF", "PPM", "GIF")),
        (_a_folder_in_its_place, Reason.UNREADABLE_IMAGE),
        (_npz_as_npy, Reason.UNREADABLE_PARSING),
        (_parsing_content(b"PK\x03\x04 junk", ".npy"), Reason.UNREADABLE_PARSING),
        (_parsing_content(b"", ".npy"), Reason.UNREADABLE_PARSING),
        (
            lambda root, name: Image.fromarray(_zeros(*CANVAS)).save(
                _parsing_path(root, name), format="JPEG"
            ),
            Reason.UNREADABLE_PARSING,
        ),
        (
            lambda root, name: np.save(_parsing_path(root, name).with_suffix(".npy"), _zeros(*CANVAS)),
            Reason.UNREADABLE_PARSING,
        ),
    ],
)
def test_one_hostile_file_is_left_out_by_name_and_the_rest_is_loaded(tmp_path, spoil, reason):
    names = market_folder(tmp_path)
    spoil(tmp_path, names[2])
    index = load_people(tmp_path, "train", CANVAS)
    [entry] = index.report.left_out
    assert (entry.name, entry.reason) == (names[2], reason) and names[2].removesuffix(".jpg") in entry.detail
    # what was kept, the pipeline's decoder reads
    for path in index.image_paths:
        assert decode_image(tf.io.read_file(path)).shape == (*CANVAS, 3)


@pytest.mark.parametrize("keep", [0.3, 0.9])
def test_a_truncated_image_is_found_before_training_meets_it(tmp_path, keep):
    names = market_folder(tmp_path)
    _cut(tmp_path / "train" / names[0], keep)
    assert load_people(tmp_path, "train", CANVAS).report.left_out[0].reason is Reason.UNREADABLE_IMAGE


def test_missing_torso_joints_matter_in_training_only_unless_asked(tmp_path):
    names = market_folder(tmp_path, "test")
    people = read_annotations(tmp_path / "market-annotation-test.csv")
    people[names[0]][JOINT["right_shoulder"]] = -1
    write_annotations(tmp_path / "market-annotation-test.csv", people)
    assert len(load_people(tmp_path, "test", CANVAS)) == 5
    assert len(load_people(tmp_path, "test", CANVAS, require_torso=True)) == 4


def test_junk_and_distractors_are_left_out_by_market_names_only(tmp_path):
    names = market_folder(tmp_path)
    people = read_annotations(tmp_path / ANNOTATION)
    others = ["-1_c1s1_000001_00.jpg", "0000_c1s1_000001_00.jpg", "fasionWOMENid0000_c1.jpg", "0000.jpg"]
    people.update({name: write_person(tmp_path, "train", name, 9) for name in others})
    write_annotations(tmp_path / ANNOTATION, people)
    index = load_people(tmp_path, "train", CANVAS)
    assert index.names == (*names, *others[2:])
    assert index.report.counts() == {Reason.JUNK: 2}


def test_the_junk_among_the_real_market_names():
    annotations = shared_path("data/annotations/market-annotation-test.csv")
    with pytest.raises(DatasetError, match="nobody can be used") as error:
        load_people_from(annotations.parent, annotations, annotations.parent, (128, 64))
    # Market-1501's own description: 3,819 junk images and 2,798 distractors among 19,732.
    assert "6,617 left out: junk or distractor by name" in str(error.value)
    assert "13,115 left out: missing image" in str(error.value)


def test_a_malformed_line_stops_the_loading(tmp_path):
    market_folder(tmp_path)
    with open(tmp_path / ANNOTATION, "a") as file:
        file.write("a.jpg: [1, 2]: [1, 2]\n")
    with pytest.raises(AnnotationError, match=f"{ANNOTATION}, row 7"):
        load_people(tmp_path, "train", CANVAS)


def test_pairs_with_people_who_are_not_loaded(tmp_path):
    names = market_folder(tmp_path)
    (tmp_path / "train" / names[2]).unlink()
    index = load_people(tmp_path, "train", CANVAS)
    with open(tmp_path / PAIRS, "a") as file:
        file.write(f"{names[1]},{names[0]}\n{names[1]},stranger.jpg\n")
    pairs, report = load_pairs(tmp_path, "train", index)
    assert pairs == ((names[0], names[1]), (names[1], names[0]))
    assert [entry.reason for entry in report.left_out] == [
        Reason.PERSON_LEFT_OUT,
        Reason.REPEATED,
        Reason.PERSON_LEFT_OUT,
    ]
    assert report.left_out[2].detail == "stranger.jpg"
    write_pairs(tmp_path / "other.csv", [("x.jpg", "y.jpg")])
    with pytest.raises(DatasetError, match="no pair can be used"):
        load_pairs_from(tmp_path / "other.csv", index)


def test_folders_that_are_no_data_set(tmp_path):
    with pytest.raises(ValueError, match="split"):
        load_people(tmp_path, "validation", CANVAS)
    with pytest.raises(DatasetError, match="parsing"):
        load_people(tmp_path, "train", CANVAS)
    (tmp_path / "train_parsing").mkdir()
    with pytest.raises(DatasetError, match="bounding_box_train"):
        load_people(tmp_path, "train", CANVAS)
    (tmp_path / "train").mkdir()
    with pytest.raises(DatasetError, match=f"none of {ANNOTATION}"):
        load_people(tmp_path, "train", CANVAS)
    market_folder(tmp_path)
    with pytest.raises(DatasetError, match="5 left out: image of the wrong size"):
        load_people(tmp_path, "train", (CANVAS[0] + 1, CANVAS[1]))
    (tmp_path / "fasion-resize-annotation-train.csv").write_bytes((tmp_path / ANNOTATION).read_bytes())
    with pytest.raises(DatasetError, match=f"keep one of {ANNOTATION}, fasion-resize"):
        load_people(tmp_path, "train", CANVAS)


def test_the_four_real_people():
    demo = shared_path("data/deepfashion_demo")
    index = load_people_from(demo / "images", demo / "keypoints.csv", demo / "parsing", (256, 256), True)
    assert sorted(index.names) == ["2_A.jpg", "2_B.jpg", "3_A.jpg", "3_B.jpg"]
    assert not index.report.left_out
    for position, name in enumerate(index.names):
        np.testing.assert_array_equal(index.parsing(position), np.load(demo / "parsing" / f"{name[:3]}.npy"))


def test_left_and_right_labels_are_the_keypoints_left_and_right():
    # Of the four real people 2_B alone faces the camera; the parser swaps sides on some of the others.
    demo = shared_path("data/deepfashion_demo")
    labels = read_parsing_map(demo / "parsing" / "2_B.npy")
    keypoints = read_annotations(demo / "keypoints.csv")["2_B.jpg"]
    for side in ("left", "right"):
        y, x = keypoints[JOINT[f"{side}_wrist"]].astype(int)
        assert labels[y, x] == LABEL[f"{side}_arm"]


@pytest.mark.parametrize("call", [load_people, lambda *given: load_pairs(*given[:2], None)])
def test_a_missing_data_directory_is_called_so(tmp_path, call):
    with pytest.raises(DatasetError, match="nowhere: no such directory; expected a data directory"):
        call(tmp_path / "nowhere", "train", CANVAS)
