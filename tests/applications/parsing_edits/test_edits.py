"""What every edit keeps, refuses and combines; and the person drawn on the edited map."""

from __future__ import annotations

import numpy as np
import pytest

from spt_tf.anatomy import JOINT, LABEL
from spt_tf.applications.parsing_edits.edits import Edits, draw_edited, edit_parsing, near_change
from spt_tf.applications.parsing_edits.take_label import with_label_of
from spt_tf.applications.parsing_edits.zones import CannotPlace
from tests.applications.painting import PANTS, SKIRT, TOP, StandInPainter, person
from tests.applications.parsing_edits import drawn

DOLLS = drawn.dolls(12)


def _edited(doll, **edits):
    return edit_parsing(drawn.parsing(doll), drawn.keypoints(doll), Edits(**edits))


def test_no_edit_changes_nothing():
    for doll in DOLLS:
        np.testing.assert_array_equal(_edited(doll), drawn.parsing(doll))


def test_sleeves_leave_everything_but_top_and_arms_alone():
    for doll in DOLLS:
        before = drawn.parsing(doll)
        for length in ("none", "short", "long"):
            changed = _edited(doll, sleeves=length) != before
            mine = np.isin(before, [LABEL[name] for name in ("upper_clothes", "left_arm", "right_arm")])
            assert not (changed & ~mine).any()


def test_long_sleeves_leave_the_hands():
    doll = next(doll for doll in DOLLS if doll.outfit.sleeves == "none" and doll.poses[0].view == "front")
    arms = [LABEL["left_arm"], LABEL["right_arm"]]
    left = np.isin(_edited(doll, sleeves="long"), arms).sum()
    assert 0 < left < 0.5 * np.isin(drawn.parsing(doll), arms).sum()


def test_a_bottom_leaves_the_top_and_arms_alone():
    above = [LABEL[name] for name in ("face", "hair", "upper_clothes", "left_arm", "right_arm")]
    for doll in DOLLS:
        before = drawn.parsing(doll)
        for kind in ("trousers", "shorts", "skirt"):
            edited = _edited(doll, bottom=kind)
            np.testing.assert_array_equal(np.isin(before, above) * before, np.isin(edited, above) * edited)
            assert (edited == LABEL["skirt" if kind == "skirt" else "pants"]).any()
            assert not (edited == LABEL["pants" if kind == "skirt" else "skirt"]).any()


def test_a_hem_alone_is_of_what_is_worn():
    for doll in DOLLS:
        short, long = (_edited(doll, hem=hem) for hem in (0.6, 1.4))
        worn = LABEL["skirt" if doll.outfit.bottom_kind == "skirt" else "pants"]
        assert (short == worn).sum() < (long == worn).sum()


def test_edits_add_up():
    doll = DOLLS[0]
    both = _edited(doll, bottom="skirt", sleeves="none")
    skirt = _edited(doll, bottom="skirt")
    expected = edit_parsing(skirt, drawn.keypoints(doll), Edits(sleeves="none"))
    np.testing.assert_array_equal(both, expected)


def test_what_cannot_be_placed_or_is_none_is_named():
    one = person(1, TOP, PANTS)
    nobody = np.full_like(one.keypoints, -1)
    with pytest.raises(CannotPlace, match="sleeves: no arm shows both shoulder and elbow"):
        edit_parsing(one.parsing, nobody, Edits(sleeves="long"))
    with pytest.raises(CannotPlace, match="skirt: no leg shows both hip and knee"):
        edit_parsing(one.parsing, nobody, Edits(bottom="skirt"))
    with pytest.raises(CannotPlace, match="neither shoulders nor neck"):
        edit_parsing(one.parsing, nobody, Edits(top_hem=1))
    with pytest.raises(CannotPlace, match="hair: neither a head nor the neck"):
        edit_parsing(one.parsing, nobody, Edits(hair="long"))
    with pytest.raises(CannotPlace, match="nothing is worn below the top"):
        edit_parsing(person(1, TOP, TOP).parsing, one.keypoints, Edits(top_hem=0.5))
    with pytest.raises(ValueError, match="sleeves: expected none, short, long; found 'rolled'"):
        edit_parsing(one.parsing, one.keypoints, Edits(sleeves="rolled"))
    with pytest.raises(ValueError, match=r"hem: expected a number over 0, at most 2\.2; found -1"):
        edit_parsing(one.parsing, one.keypoints, Edits(hem=-1))


def test_a_missing_arm_is_left_alone_and_the_other_one_edited():
    doll = next(doll for doll in DOLLS if doll.outfit.sleeves == "long" and doll.poses[0].view == "front")
    keypoints = drawn.keypoints(doll).copy()
    keypoints[JOINT["left_elbow"]] = -1
    edited = edit_parsing(drawn.parsing(doll), keypoints, Edits(sleeves="none"))
    left, right = LABEL["left_arm"], LABEL["right_arm"]
    assert (edited == left).sum() == (drawn.parsing(doll) == left).sum()
    assert (edited == right).sum() > (drawn.parsing(doll) == right).sum()


def test_a_label_taken_from_another_map():
    mine, other = person(1, TOP, PANTS).parsing, person(1, PANTS, SKIRT).parsing
    edited = with_label_of(mine, other, PANTS)
    np.testing.assert_array_equal(np.unique(edited[30:40, 20:40]), [PANTS])
    np.testing.assert_array_equal(np.unique(edited[40:50, 20:40]), [SKIRT])  # what pants had covered
    with pytest.raises(ValueError, match="the other person has no hair"):
        with_label_of(mine, other, LABEL["hair"])


def test_far_from_the_edit_the_photo_is_kept():
    one = person(90, TOP, PANTS)
    edited = one.parsing.copy()
    edited[45, 30] = SKIRT
    made = draw_edited(StandInPainter(), one, edited, fill=False)
    near = np.zeros_like(edited, bool)
    near[43:48, 28:33] = True  # 96 rows: 2 pixels to every side
    np.testing.assert_array_equal(near_change(one.parsing, edited), near)
    assert (made.image[~near] == 90).all()
    np.testing.assert_array_equal(made.image[..., 1][near], 20 * edited[near])
    everything = draw_edited(StandInPainter(), one, edited, keep_unchanged=False, fill=False)
    np.testing.assert_array_equal(everything.image[..., 1], 20 * edited)
