"""Bare photos to people in files, and on into other poses."""

from __future__ import annotations

import sys
import types
from types import SimpleNamespace

import cv2
import numpy as np
import pytest

from spt_tf.data.annotations import read_annotations
from spt_tf.data.datasets import load_people_from
from spt_tf.perception.find_people import find_people
from spt_tf.perception.mediapipe_pose import MediaPipeMissing, MediaPipePoses
from spt_tf.perception.pose_files.choose_person import NobodyChosen
from tests.serving.stand_in import CANVAS
from tests.serving.stand_in_finder import StandInFinder


class Finder(StandInFinder):
    """The stand-in with `PersonFinder.find`, of one image."""

    def find(self, image):
        return type(self.look_at(image[None]))(*(one[0] for one in self.look_at(image[None])))


def _write(folder, **photos):
    folder.mkdir()
    for name, photo in photos.items():
        if isinstance(photo, bytes):
            (folder / f"{name}.png").write_bytes(photo)
        else:
            cv2.imwrite(str(folder / f"{name}.png"), photo)
    return folder


def _grey(height, width, value=100):
    return np.full((height, width, 3), value, np.uint8)


def test_people_are_written_as_every_command_reads_them(tmp_path):
    photos = _write(tmp_path / "photos", large=_grey(320, 160), wide=_grey(40, 32), same=_grey(*CANVAS))
    found = find_people(Finder(), photos, tmp_path / "found")
    assert found.people == 3 and not found.left_out
    index = load_people_from(found.images, found.keypoints, found.parsings, CANVAS)
    assert index.names == ("large.png", "same.png", "wide.png")
    expected = Finder().find(_grey(*CANVAS))
    np.testing.assert_array_equal(index.parsing(1), expected.parsing)
    np.testing.assert_allclose(index.keypoints[1], expected.keypoints, atol=0.01)
    assert cv2.imread(str(tmp_path / "found" / "sheet.png")) is not None


def test_joints_are_told_in_the_photos_own_pixels_too(tmp_path):
    photos = _write(tmp_path / "photos", large=_grey(320, 160), wide=_grey(40, 32), same=_grey(*CANVAS))
    find_people(Finder(), photos, tmp_path / "found")
    own = read_annotations(tmp_path / "found" / "photo_keypoints.csv")
    np.testing.assert_allclose(own["large.png"], (own["same.png"] + 0.5) * 10 - 0.5, atol=0.05)
    shown = (own["wide.png"] >= 0).all(-1)  # the photo fills rows 6 to 26 of the canvas
    assert shown.sum() > 9
    np.testing.assert_allclose(
        own["wide.png"][shown], (own["same.png"][shown] + 0.5 - [6, 0]) * 2 - 0.5, atol=0.05
    )


def test_who_is_not_found_is_left_out_with_the_reason(tmp_path):
    red = _grey(64, 32)
    red[:] = (0, 0, 255)  # OpenCV's order
    photos = _write(tmp_path / "photos", good=_grey(64, 32), dark=_grey(64, 32, 0), red=red, junk=b"junk")
    found = find_people(Finder(), photos, tmp_path / "found")
    reasons = dict(found.left_out)
    assert found.people == 1 and set(reasons) == {"dark.png", "red.png", "junk.png"}
    assert "nobody found" in reasons["dark.png"] and "torso is only half found" in reasons["red.png"]
    assert "dark.png" in (tmp_path / "found" / "left_out.csv").read_text()
    assert "dark.png: nobody found" in found.summary()


def test_a_folder_with_nobody_in_it_is_an_error_that_names_the_first(tmp_path):
    photos = _write(tmp_path / "photos", dark=_grey(64, 32, 0))
    with pytest.raises(ValueError, match=r"nobody was found \(dark\.png: nobody found"):
        find_people(Finder(), photos, tmp_path / "found")
    (tmp_path / "empty").mkdir()
    with pytest.raises(ValueError, match="no picture is in it"):
        find_people(Finder(), tmp_path / "empty", tmp_path / "found")


@pytest.fixture
def mediapipe(monkeypatch):
    """A package of that name whose Pose answers with `landmarks`; None: nobody."""
    answer = SimpleNamespace(landmarks=None, closed=False)

    class Pose:
        def __init__(self, **options):
            assert options["static_image_mode"]

        def process(self, photo):
            found = answer.landmarks
            return SimpleNamespace(
                pose_landmarks=found and SimpleNamespace(landmark=[SimpleNamespace(**one) for one in found])
            )

        def close(self):
            answer.closed = True

    for name in ("mediapipe", "mediapipe.python", "mediapipe.python.solutions"):
        monkeypatch.setitem(sys.modules, name, types.ModuleType(name))
    module = types.ModuleType("mediapipe.python.solutions.pose")
    module.Pose = Pose
    monkeypatch.setitem(sys.modules, module.__name__, module)
    return answer


def _landmarks():
    """33 landmarks: number i at (x, y) = (i / 40, i / 80), the last wrist unseen."""
    return [dict(x=i / 40, y=i / 80, visibility=0.2 if i == 16 else 0.9) for i in range(33)]


def test_mediapipes_joints_are_taken_in_our_order(mediapipe):
    mediapipe.landmarks = _landmarks()
    with MediaPipePoses() as poses:
        joints = poses.find(_grey(800, 400))
    assert mediapipe.closed
    np.testing.assert_allclose(joints[5], [11 * 10, 11 * 10], atol=1e-3)  # the left shoulder is number 11
    np.testing.assert_allclose(joints[1], [115, 115], atol=1e-3)  # the neck between the shoulders
    assert (joints[4] == -1).all()  # the right wrist, number 16


def test_photos_may_be_posed_by_mediapipe_and_parsed_by_the_finder(mediapipe, tmp_path):
    mediapipe.landmarks = _landmarks()
    photos = _write(tmp_path / "photos", large=_grey(320, 160))
    find_people(Finder(), photos, tmp_path / "found", "mediapipe")
    own = read_annotations(tmp_path / "found" / "photo_keypoints.csv")["large.png"]
    np.testing.assert_allclose(own[5], [11 * 4, 11 * 4], atol=1e-3)
    on_canvas = read_annotations(tmp_path / "found" / "keypoints.csv")["large.png"]
    np.testing.assert_allclose(on_canvas[5], (44.5 / 10 - 0.5,) * 2, atol=0.01)


def test_mediapipe_finding_nobody_and_not_being_there_are_told(mediapipe, monkeypatch):
    with MediaPipePoses() as poses, pytest.raises(NobodyChosen, match="face in view"):
        poses.find(_grey(64, 32))
    monkeypatch.setitem(sys.modules, "mediapipe.python.solutions.pose", None)
    with pytest.raises(MediaPipeMissing, match=r"mediapipe==0\.10\.21"):
        MediaPipePoses()
