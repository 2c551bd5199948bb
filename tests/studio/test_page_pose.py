"""Joints by mouse and keyboard, and a person who moves with them."""

from __future__ import annotations

import math

import numpy as np
import pytest

pytest.importorskip("playwright.sync_api", reason="Playwright is not installed")
from playwright.sync_api import expect


def _length(desk, a: str, b: str) -> float:
    return math.dist(desk.place(a), desk.place(b))


def test_a_drag_moves_joint_and_person_and_undo_takes_it_back(desk):
    place, picture = desk.place("left wrist"), desk.pixels()
    desk.drag("left wrist", 3, -6)
    desk.settled()
    across, down = desk.place("left wrist")
    assert (across, down) == pytest.approx((place[0] + 3, place[1] - 6), abs=0.3)
    moved = desk.pixels()
    assert (moved != picture).any()
    desk.page.keyboard.press("Control+z")
    desk.settled()
    assert desk.place("left wrist") == place and (desk.pixels() == picture).all()
    desk.page.keyboard.press("Control+Shift+z")
    desk.settled()
    assert desk.place("left wrist") == (across, down) and (desk.pixels() == moved).all()


def test_only_the_dragged_joint_moves_unless_limbs_keep_their_lengths(desk):
    hand, forearm = desk.place("right wrist"), _length(desk, "right elbow", "right wrist")
    upper = _length(desk, "right shoulder", "right elbow")
    desk.drag("right elbow", -2, -2)
    assert desk.place("right wrist") == hand
    assert _length(desk, "right elbow", "right wrist") != pytest.approx(forearm, abs=0.2)
    desk.button("Own pose").click()
    desk.drag("right elbow", -2, -2, shift=True)
    assert desk.place("right wrist") != hand
    assert _length(desk, "right elbow", "right wrist") == pytest.approx(forearm, abs=0.2)
    assert _length(desk, "right shoulder", "right elbow") == pytest.approx(upper, abs=0.2)
    desk.button("Own pose").click()
    desk.page.get_by_role("checkbox", name="Keep limb lengths").check()
    desk.drag("right elbow", -2, -2)
    assert _length(desk, "right elbow", "right wrist") == pytest.approx(forearm, abs=0.2)


def test_a_drag_beside_the_joints_moves_the_whole_figure(desk):
    names = ("neck", "left knee", "right ankle")
    before = [desk.place(name) for name in names]
    box = desk.page.locator("#joints").bounding_box()
    x, y, unit = box["x"] + 4, box["y"] + 4, desk.pixel_size()
    desk.page.mouse.move(x, y)
    desk.page.mouse.down()
    desk.page.mouse.move(x + 2 * unit, y + unit, steps=3)
    desk.page.mouse.up()
    moves = [np.subtract(desk.place(name), place) for name, place in zip(names, before)]
    assert np.allclose(moves, moves[0], atol=0.11) and moves[0][0] == pytest.approx(2, abs=0.2)


def test_arrow_keys_move_a_joint_and_are_undone_together(desk):
    across, down = desk.place("nose")
    desk.joint("nose").focus()
    desk.page.keyboard.press("ArrowRight")
    desk.page.keyboard.press("ArrowDown")
    desk.page.keyboard.press("Shift+ArrowRight")
    assert desk.place("nose") == (across + 6, down + 1)
    desk.button("Undo").click()
    assert desk.place("nose") == (across, down)


def test_no_key_moves_a_joint_off_the_canvas(desk):
    desk.joint("left ankle").focus()
    for _ in range(20):
        desk.page.keyboard.press("Shift+ArrowDown")
    assert desk.place("left ankle")[1] == 63
    desk.settled()  # and the picture is drawn


def test_delete_and_right_click_hide_a_joint_and_bring_it_back(desk):
    place = desk.place("left elbow")
    desk.joint("left elbow").focus()
    desk.page.keyboard.press("Delete")
    expect(desk.joint("left elbow")).to_have_attribute("aria-valuetext", "hidden")
    desk.page.keyboard.press("Delete")
    assert desk.place("left elbow") == place
    desk.page.mouse.click(*desk.on_screen("left elbow"), button="right")
    expect(desk.joint("left elbow")).to_have_attribute("aria-valuetext", "hidden")
    desk.drag("left elbow", 1, 0)  # taken up again where it was
    assert desk.place("left elbow") == pytest.approx((place[0] + 1, place[1]), abs=0.3)


def test_a_joint_by_numbers(desk):
    page = desk.page
    page.get_by_label("Joint", exact=True).first.select_option(label="right knee")
    page.get_by_label("across").fill("12")
    page.get_by_label("down").fill("40.5")
    page.keyboard.press("Tab")
    assert desk.place("right knee") == (12, 40.5)
    desk.button("Hide").click()
    assert desk.place("right knee") is None
    desk.button("Show").click()
    assert desk.place("right knee") == (12, 40.5)


def test_mirror_turn_and_size(desk):
    names = ("left wrist", "right wrist", "left ankle", "right shoulder")
    before = {name: desk.place(name) for name in names}
    desk.button("Mirror").click()
    assert desk.place("left wrist")[1] == before["right wrist"][1]
    desk.button("Mirror").click()
    assert {name: desk.place(name) for name in names} == before
    desk.button("Turn round").click()
    assert desk.place("nose") is None and desk.place("left eye") is None
    assert desk.place("left wrist")[1] == before["left wrist"][1]
    assert desk.place("left wrist")[0] != before["left wrist"][0]
    desk.button("Turn round").click()
    assert desk.place("nose") is not None
    assert {name: desk.place(name) for name in names} == before
    height = desk.place("left ankle")[1] - desk.place("neck")[1]
    desk.button("Smaller").click()
    assert desk.place("left ankle")[1] - desk.place("neck")[1] == pytest.approx(height / 1.05, abs=0.2)
    for _ in range(30):
        desk.button("Larger").click()
    assert all(0 <= x <= 31 and 0 <= y <= 63 for x, y in map(desk.place, names))


def test_a_pose_of_somebody_else(desk, gallery):
    desk.button("Pose 2").click()
    for name, joint in (("neck", 1), ("left hip", 11)):
        y, x = gallery.poses[1][joint]
        assert desk.place(name) == pytest.approx((x, y), abs=0.1)


def test_targets_are_large_enough_for_fingers(desk):
    """WCAG 2.5.8: 24 pixels."""
    for name in ("nose", "left wrist"):
        box = desk.joint(name).locator(".grip").bounding_box()
        assert min(box["width"], box["height"]) >= 23.9
