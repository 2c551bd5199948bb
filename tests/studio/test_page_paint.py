"""Painting the map by mouse, keyboard and at a click."""

from __future__ import annotations

import numpy as np
import pytest

pytest.importorskip("playwright.sync_api", reason="Playwright is not installed")
from playwright.sync_api import expect

from spt_tf.anatomy import LABEL


@pytest.fixture
def painter(desk, two_people):
    """The Paint tab, with the person's own map on it: an untrained network's is noise."""
    from spt_tf.data.parsing_maps import encode_parsing_map

    desk.open_tab("Paint")
    desk.drop(("map.png", "image/png", encode_parsing_map(two_people[0].parsing)))
    expect(desk.page.locator("#toast")).to_contain_text("drawn on this map")
    desk.settled()
    return desk


def test_a_stroke_paints_whole_pixels_of_one_label_without_gaps(painter):
    before, picture = painter.saved_map(), painter.pixels()
    painter.label("skirt")
    painter.page.get_by_label("Size").fill("1")
    painter.stroke((5, 2), (9, 12))
    painter.settled()
    after = painter.saved_map()
    changed = np.argwhere(after != before)
    assert (after[after != before] == LABEL["skirt"]).all()
    assert set(changed[:, 1]) == set(range(2, 13))  # no column is jumped over
    assert after[5, 2] == after[9, 12] == LABEL["skirt"]
    assert (painter.pixels() != picture).any()
    painter.button("Undo").click()
    assert (painter.saved_map() == before).all()
    painter.button("Redo").click()
    assert (painter.saved_map() == after).all()


def test_a_round_brush_of_the_chosen_size(painter):
    painter.label("pants")
    painter.page.get_by_label("Size").fill("5")
    painter.stroke((8, 4), (8, 4))
    painted = painter.saved_map() == LABEL["pants"]
    assert [painted[row, 0:10].sum() for row in range(5, 12)] == [0, 3, 5, 5, 5, 3, 0]


def test_fill_takes_one_patch_and_pick_takes_its_label(painter):
    before = painter.saved_map()
    top = np.argwhere(before == LABEL["upper_clothes"])
    row, column = top[len(top) // 2]
    painter.page.get_by_role("radio", name="Pick").check()
    painter.page.mouse.click(*painter.cell(row, column))
    expect(painter.page.get_by_role("radio", name="3 upper clothes")).to_be_checked()
    painter.page.get_by_role("radio", name="Fill").check()
    painter.page.mouse.click(*painter.cell(0, 0))
    after = painter.saved_map()
    assert after[0, 0] == LABEL["upper_clothes"]
    assert (after[before != 0] == before[before != 0]).all()  # the background alone was filled


def test_a_locked_label_keeps_its_pixels(painter):
    before = painter.saved_map()
    top = np.argwhere(before == LABEL["upper_clothes"])
    row = int(top[len(top) // 2][0])
    painter.button("Lock upper clothes").click()
    painter.label("skirt")
    painter.stroke((row, 0), (row, 31))
    after = painter.saved_map()
    assert (after[row] == LABEL["skirt"]).any()
    assert ((after == LABEL["upper_clothes"]) == (before == LABEL["upper_clothes"])).all()
    painter.button("Unlock all").click()
    painter.stroke((row, 0), (row, 31))
    assert (painter.saved_map()[row] == LABEL["skirt"]).all()


def test_only_over_one_label(painter):
    before = painter.saved_map()
    row = int(np.argwhere(before == LABEL["upper_clothes"])[20][0])
    painter.label("upper clothes")
    painter.button("Only over this").click()
    painter.label("hair")
    painter.stroke((row, 0), (row, 31))
    after = painter.saved_map()
    assert (before[after != before] == LABEL["upper_clothes"]).all() and (after != before).any()


def test_painting_by_keyboard(painter):
    painter.label("right arm")
    painter.page.get_by_label("Size").fill("1")
    painter.page.get_by_role("application").focus()
    for _ in range(7):
        painter.page.keyboard.press("Shift+ArrowUp")
        painter.page.keyboard.press("Shift+ArrowLeft")
    painter.page.keyboard.press("ArrowDown")
    painter.page.keyboard.press("Space")
    assert painter.saved_map()[1, 0] == LABEL["right_arm"]
    painter.page.get_by_role("application").focus()
    painter.page.keyboard.press("p")
    expect(painter.page.locator("#toast")).to_contain_text("0 across, 1 down: right arm")
    painter.page.keyboard.press("ArrowUp")
    painter.page.keyboard.press("f")
    after = painter.saved_map()
    assert after[0, 0] == after[0, 31] == LABEL["right_arm"]
    painter.page.get_by_role("application").focus()
    painter.page.keyboard.press("]")
    assert painter.page.get_by_label("Size").input_value() == "2"


def test_an_edit_at_a_click(painter):
    before = painter.saved_map()
    painter.button("bottom: skirt").click()
    painter.settled()
    expect(painter.button("Undo")).to_be_enabled()
    after = painter.saved_map()
    assert (after == LABEL["skirt"]).sum() > (before == LABEL["skirt"]).sum() or (after != before).any()
    painter.button("Undo").click()
    assert (painter.saved_map() == before).all()


def test_the_map_follows_the_pose_again_unless_it_is_held(painter):
    painted = painter.saved_map()
    painter.open_tab("Pose")
    painter.button("Mirror").click()
    painter.settled()
    assert (painter.saved_map() != painted).any()
    painter.button("Undo").click()
    painter.open_tab("Paint")
    painter.page.get_by_role("checkbox", name="Keep my map").check()
    painter.open_tab("Pose")
    painter.button("Mirror").click()
    painter.settled()
    assert (painter.saved_map() == painted).all()
