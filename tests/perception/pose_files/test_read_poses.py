"""The rules: units, thresholds, several people, places outside, and the pictures that poses are of."""

from __future__ import annotations

import numpy as np
import pytest
from PIL import Image

from spt_tf.anatomy import JOINT
from spt_tf.data.annotations import write_annotations
from spt_tf.perception.pose_files.choose_person import PoseRules
from spt_tf.perception.pose_files.found_people import PoseFileError, Unit
from spt_tf.perception.pose_files.picture_files import OneSize, PictureFolder
from spt_tf.perception.pose_files.read_poses import read_poses
from tests.perception.pose_files import writers
from tests.perception.pose_files.writers import COCO_17, OPENPOSE_COCO_18, SIZE, a_pose, write

POSE = a_pose()


def _openpose(*people: np.ndarray, **canvas: int) -> dict:
    return {
        "people": [{"pose_keypoints_2d": writers.flat(pose, OPENPOSE_COCO_18)} for pose in people],
        **canvas,
    }


def _one(path, size=SIZE, **rules):
    read = read_poses(path, OneSize(size), PoseRules(**rules))
    (chosen,) = read.poses.values()
    return chosen


def _photo(path, size=SIZE, orientation=None):
    path.parent.mkdir(parents=True, exist_ok=True)
    picture = Image.new("RGB", size[::-1], (90, 120, 60))
    exif = picture.getexif()
    if orientation:
        exif[0x0112] = orientation
    picture.save(path, exif=exif)


def test_shares_of_the_picture_are_asked_about_and_read_as_said(tmp_path):
    # ControlNet divides by the sides, OpenPose by the sides less one; nothing in the file says either.
    controlnet = _openpose(POSE / SIZE, canvas_height=512, canvas_width=384)
    file = write(tmp_path / "a.json", controlnet)
    with pytest.raises(PoseFileError, match=r"no coordinate is above 2.*--keypoint_scale=unit"):
        _one(file)
    np.testing.assert_allclose(_one(file, keypoint_scale=Unit.SHARES).keypoints, POSE, atol=0.006)
    file = write(tmp_path / "b_keypoints.json", _openpose(POSE / (np.array(SIZE) - 1)))
    np.testing.assert_allclose(_one(file, keypoint_scale=Unit.SHARES).keypoints, POSE, atol=0.006)
    signed = 2 * POSE / (np.array(SIZE) - 1) - 1
    file = write(tmp_path / "c_keypoints.json", _openpose(signed))
    with pytest.raises(PoseFileError, match="which fits"):
        _one(file)
    np.testing.assert_allclose(_one(file, keypoint_scale=Unit.SIGNED).keypoints, POSE, atol=0.006)


def test_pixels_of_other_formats_that_somebody_divided_are_asked_about_too(tmp_path):
    file = write(tmp_path / "a.json", writers.alphapose({"a": POSE / SIZE}))
    with pytest.raises(PoseFileError, match="no coordinate is above 2"):
        _one(file)
    np.testing.assert_allclose(_one(file, keypoint_scale=Unit.SHARES).keypoints, POSE, atol=0.006)
    # And what is known for shares may be said to be pixels.
    landmarks = [
        {**mark, "x": mark["x"] * SIZE[1], "y": mark["y"] * SIZE[0]} for mark in writers.mediapipe(POSE)
    ]
    write(file, landmarks)
    with pytest.raises(PoseFileError, match=r"are no shares of the picture"):
        _one(file)
    np.testing.assert_allclose(_one(file, keypoint_scale=Unit.PIXELS).keypoints, POSE, atol=0.006)


def test_a_unit_that_does_not_fit_is_refused(tmp_path):
    file = write(tmp_path / "a.json", _openpose(POSE))
    with pytest.raises(PoseFileError, match="coordinates up to 56 are no shares"):
        _one(file, keypoint_scale=Unit.SHARES)
    # Said to be pixels, it is a person in the first pixel.
    tiny = write(tmp_path / "b.json", _openpose(POSE / SIZE))
    assert _one(tiny, keypoint_scale=Unit.PIXELS).keypoints.max() <= 1


def test_pixels_of_an_enlarged_canvas_are_scaled_and_of_another_shape_refused(tmp_path):
    enlarged = (POSE + 0.5) * 4 - 0.5
    file = write(tmp_path / "a.json", _openpose(enlarged, canvas_height=256, canvas_width=192))
    np.testing.assert_allclose(_one(file).keypoints, POSE, atol=0.006)
    write(file, _openpose(enlarged, canvas_height=256, canvas_width=256))
    with pytest.raises(PoseFileError, match=r"256x256, and the picture here has 64x48.*another shape"):
        _one(file)


def test_each_format_has_its_threshold(tmp_path):
    doubtful = {
        "openpose": (0.05, 0.1),
        "alphapose": (0.15, 0.2),
        "mmpose": (0.25, 0.3),
        "mediapipe": (0.4, 0.5),
    }
    for name, (low, enough) in doubtful.items():
        for score in (low, enough):
            document = {
                "openpose": lambda s: {
                    "people": [{"pose_keypoints_2d": writers.flat(POSE, OPENPOSE_COCO_18, s)}]
                },
                "alphapose": lambda s: [{"image_id": "a", "keypoints": writers.flat(POSE, COCO_17, s)}],
                "mmpose": lambda s: [{**writers.mmpose(POSE)[0], "keypoint_scores": [s] * 17}],
                "mediapipe": lambda s: [{**mark, "visibility": s} for mark in writers.mediapipe(POSE)],
            }[name](score)
            file = write(tmp_path / "a.json", document)
            if score == enough:
                assert (_one(file).keypoints >= 0).all(), name
            else:
                with pytest.raises(PoseFileError, match=f"0 joints found at a score of {enough:g} or more"):
                    _one(file)
    np.testing.assert_array_equal(_one(file, min_score=0.1).keypoints >= 0, True)


def test_joints_under_the_threshold_or_at_zero_are_missing_and_a_neck_needs_both_shoulders(tmp_path):
    numbers = writers.flat(POSE, COCO_17)
    at = {name: 3 * COCO_17.index(name) for name in COCO_17}
    numbers[at["nose"] + 2] = 0.19
    numbers[at["left_eye"] : at["left_eye"] + 2] = 0, 0  # a place, if nobody looks: not found
    numbers[at["left_shoulder"] + 2] = 0.1
    read = _one(write(tmp_path / "a.json", [{"image_id": "a", "keypoints": numbers}]))
    missing = {JOINT[name] for name in ("nose", "left_eye", "left_shoulder", "neck")}
    assert set(np.flatnonzero((read.keypoints < 0).all(axis=1))) == missing
    assert read.doubtful == 2
    # Even with no threshold at all, what was not found stays missing.
    read = _one(tmp_path / "a.json", min_score=0.0)
    assert set(np.flatnonzero((read.keypoints < 0).all(axis=1))) == {JOINT["left_eye"]}


def test_joints_outside_the_picture_become_missing_and_are_counted(tmp_path):
    moved = POSE.copy()
    moved[JOINT["left_ankle"]] = 64.0, 10
    moved[JOINT["right_ankle"]] = 30, -0.6
    moved[JOINT["right_knee"]] = 43, -0.4
    moved[JOINT["left_knee"]] = 63.99, 10
    read = _one(write(tmp_path / "a.json", _openpose(moved)))
    assert read.outside == 2
    assert set(np.flatnonzero((read.keypoints < 0).all(axis=1))) == {
        JOINT["left_ankle"],
        JOINT["right_ankle"],
    }
    assert read.keypoints[JOINT["right_knee"]].tolist() == [43, 0]
    summary = read_poses(tmp_path / "a.json", OneSize(SIZE)).summary()
    assert "2 joints outside the picture are missing now, in 1 pictures" in summary
    assert "1 of openpose, joints from a score of 0.1" in summary


def test_of_several_people_one_is_taken_by_a_stated_rule(tmp_path):
    sure = (POSE - [6, 12]) * 0.5  # small
    large, some = POSE.copy(), POSE.copy()
    some[6:] = -1  # six joints
    people = [(some, 1.0), (large, 0.5), (sure, 0.95)]
    document = {
        "people": [{"pose_keypoints_2d": writers.flat(pose, OPENPOSE_COCO_18, s)} for pose, s in people]
    }
    file = write(tmp_path / "a.json", document)
    best = _one(file)
    np.testing.assert_allclose(best.keypoints, sure, atol=0.006)
    assert best.people == 3 and not best.second_is_near
    np.testing.assert_array_equal(_one(file, person="largest").keypoints, large)
    np.testing.assert_array_equal(_one(file, person=0).keypoints, some)
    with pytest.raises(PoseFileError, match="there is no person 3: 3 found"):
        _one(file, person=3)
    document["people"].append({"pose_keypoints_2d": writers.flat(POSE, OPENPOSE_COCO_18, 0.8)})
    write(file, document)
    assert _one(file).second_is_near
    summary = read_poses(file, OneSize(SIZE)).summary()
    assert "1 pictures show several people" in summary and "nearly as good: look at a" in summary
    # Pose editors call every joint certain: the larger one is taken then, whatever the order.
    for order in ((sure, large), (large, sure)):
        write(file, _openpose(*order))
        np.testing.assert_array_equal(_one(file).keypoints, large)


def test_three_joints_are_nobody_unless_that_is_said(tmp_path):
    three = np.full((18, 2), -1.0)
    three[:3] = POSE[:3]
    file = write(tmp_path / "a.json", _openpose(three))
    with pytest.raises(PoseFileError, match=r"3 joints found .*, 4 are needed"):
        _one(file)
    assert (_one(file, min_joints=3).keypoints[:3] >= 0).all()


def test_a_folder_of_files_finds_its_pictures(tmp_path):
    photos, poses = tmp_path / "photos", tmp_path / "poses"
    for name in ("anna.jpg", "below/ben.PNG", "c.d.jpeg", "twice.jpg", "twice.png"):
        _photo(photos / name)
    _photo(photos / "turned.jpg", orientation=6)
    (photos / "cut.jpg").write_bytes(b"\xff\xd8 no more")
    write(poses / "anna_keypoints.json", _openpose(POSE))
    write(poses / "ben.json", _openpose(POSE))
    write(poses / "c.json", writers.alphapose_open(POSE, COCO_17))  # AlphaPose cuts at the first dot
    for name in ("twice", "turned", "cut", "nobody_here"):
        write(poses / f"{name}.json", _openpose(POSE))
    write(poses / "z_ben_again.json", writers.alphapose({"ben.PNG": POSE}))
    write(poses / "empty.json", {"people": []})
    (poses / "broken.json").write_text("{")
    (poses / "notes.txt").write_text("passed over")
    _photo(photos / "empty.jpg")
    read = read_poses(poses, PictureFolder(photos))
    assert sorted(read.poses) == ["anna.jpg", "below/ben.PNG", "c.d.jpeg"]
    reasons = {entry.name: entry.reason for entry in read.left_out}
    left_out = {"twice", "turned.jpg", "cut.jpg", "nobody_here", "below/ben.PNG", "empty.jpg", "broken.json"}
    assert set(reasons) == left_out and len(read.left_out) == 7
    assert "a second pose of this picture" in reasons["below/ben.PNG"]
    assert "z_ben_again.json" in reasons["below/ben.PNG"]
    assert "fits twice.jpg, twice.png" in reasons["twice"]
    assert "EXIF orientation 6" in reasons["turned.jpg"]
    assert "cannot be opened" in reasons["cut.jpg"]
    assert "no picture 'nobody_here'" in reasons["nobody_here"]
    assert "nobody was found in it" in reasons["empty.jpg"] and "empty.json" in reasons["empty.jpg"]
    assert "broken.json" in reasons["broken.json"]
    assert PictureFolder(photos, upright=True).size("turned.jpg") == SIZE[::-1]


def test_a_folder_without_poses_is_an_error(tmp_path):
    with pytest.raises(PoseFileError, match=r"no \.json file in this folder"):
        read_poses(tmp_path, OneSize(SIZE))
    write(tmp_path / "a.json", {"people": []})
    with pytest.raises(PoseFileError, match=r"no pose can be used \(a: nobody was found in it"):
        read_poses(tmp_path, OneSize(SIZE))
    with pytest.raises(FileNotFoundError):
        read_poses(tmp_path / "none.json", OneSize(SIZE))


def test_an_annotation_csv_is_a_pose_file_too(tmp_path):
    pose = POSE.copy()
    pose[4] = -1
    pose[5] = 70, 10
    write_annotations(tmp_path / "a.csv", {"a.jpg": pose})
    read = _one(tmp_path / "a.csv")
    pose[5] = -1
    np.testing.assert_array_equal(read.keypoints, pose)
    assert read.outside == 1
