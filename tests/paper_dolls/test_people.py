"""Drawn paper dolls: shapes, labels, joints, views."""

from __future__ import annotations

import numpy as np
import pytest

from spt_tf.anatomy import JOINT, LABEL, TORSO_JOINTS
from spt_tf.paper_dolls.people import draw_test_person, draw_training_person

CANVAS = (128, 64)
SIDE_LABELS = {"right": ("right_arm", "right_leg"), "left": ("left_arm", "left_leg")}


@pytest.fixture(scope="module")
def crowd():
    return [draw_training_person(0, number, CANVAS) for number in range(120)]


def test_shapes_and_types(crowd):
    for doll in crowd:
        image, parsing, keypoints = doll.picture
        assert image.shape == (*CANVAS, 3) and image.dtype == np.uint8
        assert parsing.shape == CANVAS and parsing.dtype == np.uint8
        assert keypoints.shape == (18, 2) and keypoints.dtype == np.float32


def test_all_ten_labels_occur(crowd):
    labels = set(np.unique([doll.picture.parsing for doll in crowd]))
    assert labels == set(range(10))


def test_keypoints_are_whole_and_in_the_frame_or_missing(crowd):
    for doll in crowd:
        keypoints = doll.picture.keypoints
        visible = (keypoints >= 0).all(1)
        assert (keypoints[~visible] == -1).all()
        np.testing.assert_array_equal(keypoints, np.round(keypoints))
        assert (keypoints[visible] < CANVAS).all()


def test_seen_joints_lie_on_their_own_limbs(crowd):
    """A wrist is on its own hand or sleeve, an ankle on its own leg: no side swapped, nothing hidden."""
    for doll in crowd:
        for side, (arm, leg) in SIDE_LABELS.items():
            for joint, labels in (
                ("wrist", (arm, "upper_clothes")),
                ("ankle", (leg, "pants")),
                ("knee", (leg, "pants", "skirt")),
            ):
                y, x = doll.picture.keypoints[JOINT[f"{side}_{joint}"]].astype(int)
                if y < 0:
                    continue
                around = doll.picture.parsing[max(y - 1, 0) : y + 2, max(x - 1, 0) : x + 2]
                assert np.isin(around, [LABEL[label] for label in labels]).any(), (
                    doll.attributes,
                    side,
                    joint,
                )


def test_front_views_show_the_face_and_back_views_do_not(crowd):
    nose, right, left = JOINT["nose"], JOINT["right_shoulder"], JOINT["left_shoulder"]
    views = {"front": 0, "back": 0, "side": 0}
    for doll in crowd:
        keypoints, view = doll.picture.keypoints, doll.attributes["view"]
        views[view] += 1
        across = keypoints[left, 1] - keypoints[right, 1]
        if view == "back":
            assert (keypoints[[nose, JOINT["right_eye"], JOINT["left_eye"]]] == -1).all()
            assert across < 0
        elif view == "front":
            assert across > 0
    assert all(count > 10 for count in views.values())
    noses = [d.picture.keypoints[nose, 0] >= 0 for d in crowd if d.attributes["view"] == "front"]
    assert np.mean(noses) > 0.85  # an arm may be before it


def test_a_profile_hides_the_far_ear_and_eye(crowd):
    profiles = [doll for doll in crowd if doll.attributes["view"] == "side"]
    for doll in profiles:
        far = "left" if float(doll.attributes["yaw_degrees"]) > 0 else "right"
        assert (doll.picture.keypoints[JOINT[f"{far}_ear"]] == -1).all()
    assert any((doll.picture.keypoints[JOINT["right_wrist"]] == -1).any() for doll in profiles)


def test_the_torso_is_always_in_the_frame(crowd):
    for doll in crowd:
        assert (doll.picture.keypoints[list(TORSO_JOINTS)] >= 0).all()


def test_feet_are_sometimes_out_of_the_frame(crowd):
    ankles = np.array([doll.picture.keypoints[JOINT["right_ankle"], 0] for doll in crowd])
    assert 0 < np.mean(ankles < 0) < 0.4


def test_skirts_trousers_and_sleeves_are_labelled(crowd):
    kinds = {doll.attributes["bottom"] for doll in crowd}
    assert kinds == {"trousers", "shorts", "skirt"}
    for doll in crowd:
        labels = set(np.unique(doll.picture.parsing))
        assert (LABEL["skirt"] in labels) == (doll.attributes["bottom"] == "skirt")
        assert (LABEL["pants"] in labels) == (doll.attributes["bottom"] != "skirt")
    bare = {
        sleeves: np.mean(
            [np.isin(d.picture.parsing, (6, 7)).mean() for d in crowd if d.attributes["sleeves"] == sleeves]
        )
        for sleeves in ("none", "short", "long")
    }
    assert bare["none"] > bare["short"] > bare["long"] > 0


def test_every_third_test_person_changes_view():
    for number in range(12):
        first, second = draw_test_person(0, number, CANVAS)
        views = {first.attributes["view"], second.attributes["view"]}
        changes = number % 3 == 0
        assert first.attributes["pair_changes_view"] == str(int(changes))
        assert (views == {"front", "back"}) == changes
        assert (len(views) == 1) == (not changes)


def test_a_pair_shares_clothes_and_background_but_not_the_pose():
    first, second = draw_test_person(0, 1, CANVAS)
    for name in ("top_colour", "bottom_colour", "top_pattern", "sleeves", "bottom", "hair_style"):
        assert first.attributes[name] == second.attributes[name]
    empty = (first.picture.parsing == 0) & (second.picture.parsing == 0)
    # Pixels beside an outline blend with it; the others are the same picture.
    difference = np.abs(first.picture.image.astype(int) - second.picture.image).max(-1)
    assert np.median(difference[empty]) == 0 and np.mean(difference[empty] == 0) > 0.9
    assert np.abs(first.picture.keypoints - second.picture.keypoints).max() > 5


def test_same_seed_same_doll_other_seed_or_number_another():
    first, again = (draw_training_person(3, 5, CANVAS) for _ in range(2))
    for one, two in zip(first.picture, again.picture):
        np.testing.assert_array_equal(one, two)
    for other in (draw_training_person(4, 5, CANVAS), draw_training_person(3, 6, CANVAS)):
        assert (first.picture.image != other.picture.image).mean() > 0.5


@pytest.mark.parametrize("canvas", [(64, 32), (96, 96), (256, 256), (61, 37)])
def test_any_canvas(canvas):
    for number in range(6):
        picture = draw_training_person(0, number, canvas).picture
        assert picture.image.shape == (*canvas, 3) and picture.parsing.shape == canvas
        assert 0.05 < (picture.parsing > 0).mean() < 0.7
        assert (picture.keypoints[list(TORSO_JOINTS)] >= 0).all()
