"""Every format of pose files: a pose comes back joint by joint, and what looks like it is not mistaken."""

from __future__ import annotations

import numpy as np
import pytest

from spt_tf.anatomy import JOINT
from spt_tf.data.annotations import read_annotations
from spt_tf.perception.pose_files.choose_person import PoseRules
from spt_tf.perception.pose_files.format_names import FORMAT_NAMES
from spt_tf.perception.pose_files.formats import FORMATS
from spt_tf.perception.pose_files.found_people import PoseFileError
from spt_tf.perception.pose_files.picture_files import OneSize
from spt_tf.perception.pose_files.read_poses import read_poses
from tests.perception.pose_files import writers
from tests.perception.pose_files.writers import (
    BODY_25,
    COCO_17,
    HALPE_26,
    HALPE_136,
    MPI_15,
    OPENPOSE_COCO_18,
    SIZE,
    WHOLEBODY_133,
    a_pose,
    write,
)
from tests.shared_files import shared_path

POSE = a_pose()
POSE[JOINT["left_wrist"]] = -1
EVERY_FORM = {
    "openpose, BODY_25": lambda: writers.openpose(POSE, BODY_25),
    "openpose, COCO": lambda: writers.openpose(POSE, OPENPOSE_COCO_18),
    "openpose, the old key": lambda: writers.openpose(POSE, OPENPOSE_COCO_18, "pose_keypoints"),
    "an editor, in pixels": lambda: {
        **writers.openpose(POSE, OPENPOSE_COCO_18),
        "canvas_height": SIZE[0],
        "canvas_width": SIZE[1],
    },
    "comfyui": lambda: [writers.openpose(POSE, OPENPOSE_COCO_18)],
    "alphapose, 17": lambda: writers.alphapose({"a.jpg": POSE}),
    "alphapose, 26": lambda: writers.alphapose({"a.jpg": POSE}, HALPE_26),
    "alphapose, 133": lambda: writers.alphapose({"a.jpg": POSE}, WHOLEBODY_133),
    "alphapose, 136": lambda: writers.alphapose({"a.jpg": POSE}, HALPE_136),
    "alphapose open": lambda: {"a.jpg": writers.alphapose_open(POSE, COCO_17)},
    "alphapose open of 26": lambda: {"a.jpg": writers.alphapose_open(POSE, HALPE_26)},
    "alphapose cmu of 136": lambda: {"a.jpg": writers.alphapose_open(POSE, HALPE_136, "cmu")},
    "alphapose sep-json, open of 26": lambda: writers.alphapose_open(POSE, HALPE_26),
    "alphapose sep-json, cmu": lambda: writers.alphapose_open(POSE, COCO_17, "cmu"),
    "coco annotations": lambda: writers.coco_annotations({"a.jpg": POSE}),
    "mmpose": lambda: writers.mmpose(POSE),
    "mmpose, 26": lambda: writers.mmpose(POSE, HALPE_26),
    "openpifpaf": lambda: [{"keypoints": writers.flat(POSE, COCO_17), "category_id": 1, "score": 0.8}],
    "mediapipe, a list": lambda: writers.mediapipe(POSE),
    "mediapipe, people": lambda: {"landmarks": [writers.mediapipe(POSE)]},
    "mediapipe, by name": lambda: {"a.jpg": {"pose_landmarks": {"landmark": writers.mediapipe(POSE)}}},
}


def _read(path, rules=None):
    (chosen,) = read_poses(path, OneSize(SIZE), rules).poses.values()
    return chosen.keypoints


@pytest.mark.parametrize("form", EVERY_FORM)
def test_a_pose_comes_back_from_every_form(tmp_path, form):
    read = _read(write(tmp_path / "a.json", EVERY_FORM[form]()))
    assert read.dtype == np.float32
    np.testing.assert_allclose(read, POSE, atol=0.006)


REAL = {
    "openpose": lambda pose: writers.openpose(pose),
    "alphapose": lambda pose: [{"image_id": "a", "keypoints": writers.flat(pose, HALPE_26)}],
    "coco_annotations": lambda pose: writers.coco_annotations({"a": pose}, (256, 256)),
    "mmpose": lambda pose: writers.mmpose(pose, HALPE_26),
    "openpifpaf": lambda pose: [{"keypoints": writers.flat(pose, COCO_17), "category_id": 1}],
    "mediapipe": lambda pose: writers.mediapipe(pose, (256, 256)),
}


@pytest.mark.parametrize("form", REAL)
def test_the_four_real_people_come_back_from_every_format(tmp_path, form):
    people = read_annotations(shared_path("data/deepfashion_demo/keypoints.csv"))
    assert len(people) == 4
    for pose in people.values():
        expected = pose.copy()
        if form in ("coco_annotations", "openpifpaf", "mediapipe"):  # which have no neck
            expected[JOINT["neck"]] = pose[[JOINT["left_shoulder"], JOINT["right_shoulder"]]].mean(axis=0)
        read = read_poses(write(tmp_path / "a.json", REAL[form](pose)), OneSize((256, 256)))
        (chosen,) = read.poses.values()
        np.testing.assert_allclose(chosen.keypoints, expected, atol=0.006)


def test_the_head_of_a_26_joint_model_is_not_taken_for_the_neck(tmp_path):
    document = writers.alphapose_open(POSE, HALPE_26)
    # What the file says of the neck is the head's top: the writer above does as AlphaPose does.
    assert document["people"][0]["pose_keypoints_2d"][3:5] == [30, 2]
    read = _read(write(tmp_path / "a.json", document))
    assert read[JOINT["neck"]].tolist() == POSE[JOINT["neck"]].tolist()
    # Without a shoulder there is no neck, whatever stands in its place.
    lacking = POSE.copy()
    lacking[JOINT["left_shoulder"]] = -1
    read = _read(write(tmp_path / "a.json", writers.alphapose_open(lacking, HALPE_26)))
    assert read[JOINT["neck"]].tolist() == [-1, -1]


def test_the_default_form_s_own_neck_is_believed(tmp_path):
    moved = POSE.copy()
    moved[JOINT["neck"]] = 12, 25
    read = _read(write(tmp_path / "a.json", writers.alphapose({"a.jpg": moved}, HALPE_26)))
    assert read[JOINT["neck"]].tolist() == [12, 25]


def test_openpose_s_mpi_model_has_no_nose_and_its_head_s_top_is_not_one(tmp_path):
    read = _read(write(tmp_path / "a.json", writers.openpose(POSE, MPI_15)))
    expected = POSE.copy()
    expected[[JOINT["nose"], *range(14, 18)]] = -1
    np.testing.assert_array_equal(read, expected)


def test_the_third_number_of_an_annotation_is_no_score(tmp_path):
    document = writers.coco_annotations({"a.jpg": POSE})
    hidden = document["annotations"][0]["keypoints"]
    assert set(hidden[2::3]) == {0, 1, 2}
    hidden[3 * COCO_17.index("nose") + 2] = 0  # a place, but not labelled
    read = _read(write(tmp_path / "a.json", document))
    assert read[JOINT["nose"]].tolist() == [-1, -1]
    assert (read[JOINT["left_eye"]] >= 0).all() and (read[JOINT["right_eye"]] >= 0).all()


def test_crowds_and_unlabelled_people_of_coco_are_nobody(tmp_path):
    document = writers.coco_annotations({"a.jpg": POSE, "b.jpg": POSE, "c.jpg": POSE})
    document["annotations"][0]["iscrowd"] = 1
    document["annotations"][1].update(num_keypoints=0, keypoints=[0] * 51)
    read = read_poses(write(tmp_path / "a.json", document), OneSize(SIZE))
    assert list(read.poses) == ["c.jpg"]
    assert [entry.name for entry in read.left_out] == ["a.jpg", "b.jpg"]
    assert all("nobody was found" in entry.reason for entry in read.left_out)


def test_coco_results_need_the_names_of_the_pictures(tmp_path):
    records = [{"image_id": 100, "category_id": 1, "keypoints": writers.flat(POSE, COCO_17), "score": 0.7}]
    results = write(tmp_path / "results.json", records)
    with pytest.raises(
        PoseFileError, match=r"results\.json: COCO results name pictures by number.*--coco_images"
    ):
        read_poses(results, OneSize(SIZE))
    images = write(tmp_path / "val.json", writers.coco_annotations({"a.jpg": POSE}))
    read = read_poses(results, OneSize(SIZE), PoseRules(coco_images=str(images)))
    np.testing.assert_array_equal(read.keypoints["a.jpg"], POSE)
    write(results, [{**records[0], "image_id": 7}])
    with pytest.raises(PoseFileError, match="image_id 7: no image has this id"):
        read_poses(results, OneSize(SIZE), PoseRules(coco_images=str(images)))


def test_what_mediapipe_places_outside_the_picture_is_missing(tmp_path):
    moved = POSE.copy()
    moved[JOINT["right_ankle"]] = 1.3 * SIZE[0], 20
    chosen = read_poses(write(tmp_path / "a.json", writers.mediapipe(moved)), OneSize(SIZE)).poses["a"]
    assert chosen.outside == 1 and (chosen.keypoints[JOINT["right_ankle"]] == -1).all()


def test_mediapipe_without_visibility_is_refused(tmp_path):
    landmarks = [{"x": 0.5, "y": 0.5} for _ in range(33)]
    with pytest.raises(PoseFileError, match="no landmark has a visibility"):
        read_poses(write(tmp_path / "a.json", landmarks), OneSize(SIZE))


@pytest.mark.parametrize(
    ("document", "complaint"),
    [
        ({"hello": 1}, "none of alphapose, openpose.*'hello'"),
        (3, "none of"),
        ([], "nobody was found"),
        ({"people": []}, "nobody was found"),
        ({"people": [{"pose_keypoints_2d": None}]}, "nobody was found"),
        ({"pose_landmarks": None}, "nobody was found"),
        ({"people": {}}, "people: expected a list of objects, found an object of 0"),
        ({"people": [7]}, "people: expected a list of objects"),
        ({"people": [{}]}, r"people\[0\]: expected pose_keypoints_2d or"),
        ({"people": [{"pose_keypoints_2d": "x" * 99}]}, r"found \"xxx.*\.\.\."),
        ({"people": [{"pose_keypoints_2d": [1, 2]}]}, "expected 3 x 15, 3 x 18, 3 x 25 numbers, found 2"),
        ({"people": [{"pose_keypoints_2d": [None] * 54}]}, "expected a number, found null"),
        ({"people": [{"pose_keypoints_2d": [True] * 54}]}, "expected a number, found true"),
        ({"people": [{"pose_keypoints_2d": [1e7] * 54}]}, "expected a number, found 10000000"),
        ([{"people": []}, {"people": []}], "expected one picture a file, found a list of 2"),
        ({"people": [], "canvas_width": -3, "canvas_height": 2}, "expected a picture's size"),
        (
            [{"image_id": "a.jpg", "keypoints": [1] * 51}, {"image_id": "", "keypoints": []}],
            r"\[1\]\.image_id",
        ),
        ([{"image_id": "a.jpg", "keypoints": [1] * 48}], r"expected 3 x 17, 3 x 26.*found 48"),
        (
            {"images": [{"id": "x", "file_name": "a"}], "annotations": []},
            r"images\[0\]\.id: expected a whole",
        ),
        ({"images": [], "annotations": [{"image_id": 3, "keypoints": []}]}, "expected 3 x 17"),
        ([{"keypoints": [[1, 2]], "keypoint_scores": [1, 2]}], "as many keypoints as keypoint_scores"),
        ([{"keypoints": [[1, 2, 3]] * 17, "keypoint_scores": [1] * 17}], r"expected \[x, y\]"),
    ],
)
def test_what_is_no_pose_file_is_named(tmp_path, document, complaint):
    file = write(tmp_path / "odd.json", document)
    with pytest.raises(PoseFileError, match=complaint) as error:
        read_poses(file, OneSize(SIZE))
    assert str(file) in str(error.value)


@pytest.mark.parametrize(
    "content",
    [b"", b"{", b"\xff\xfe\x00", b"[" * 100_000, b'{"people": [{"pose_keypoints_2d": [NaN]}]}', b"[1e999]"],
)
def test_what_is_no_json_is_named(tmp_path, content):
    (tmp_path / "odd.json").write_bytes(content)
    with pytest.raises(ValueError, match=r"odd\.json"):
        read_poses(tmp_path / "odd.json", OneSize(SIZE))


def test_the_flag_knows_every_format():
    assert tuple(FORMATS) == FORMAT_NAMES


def test_a_format_may_be_said(tmp_path):
    file = write(tmp_path / "a.json", writers.openpose(POSE, OPENPOSE_COCO_18))
    np.testing.assert_array_equal(_read(file, PoseRules(format="openpose")), POSE)
    with pytest.raises(PoseFileError, match=r"as many keypoints as|expected a list of objects"):
        read_poses(file, OneSize(SIZE), PoseRules(format="mmpose"))
