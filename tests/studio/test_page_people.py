"""Who stands there: people of the data set, dropped files, borrowed clothes, and all of it saved."""

from __future__ import annotations

import io
import json

import numpy as np
import pytest
from PIL import Image

pytest.importorskip("playwright.sync_api", reason="Playwright is not installed")
from playwright.sync_api import expect

from spt_tf.anatomy import LABEL
from spt_tf.data.parsing_maps import encode_parsing_map
from tests.studio.studio_page import StudioPage


def _png(image: np.ndarray) -> bytes:
    file = io.BytesIO()
    Image.fromarray(image).save(file, "PNG")
    return file.getvalue()


def test_another_person_is_chosen_and_shown(desk, gallery):
    number = (gallery.first + 1) % len(gallery.people)
    desk.page.locator("#people").get_by_role("button").nth(number).click()
    expect(desk.page.locator("#person-name")).to_have_text(gallery.people[number])
    desk.settled()
    person = gallery.person(number)
    assert (desk.pixels("#person-picture") == person.image).all()
    desk.button("Undo").click()
    expect(desk.page.locator("#person-name")).to_have_text(gallery.people[gallery.first])


def test_one_s_own_picture_with_map_and_pose(desk, two_people):
    person = two_people[1]
    pose = {"people": [{"pose_keypoints_2d": _openpose(person.keypoints)}]}
    desk.drop(
        ("me.json", "application/json", json.dumps(pose).encode()),
        ("me.png", "image/png", _png(person.image)),
    )
    expect(desk.page.locator("#person-name")).to_have_text("me.png")
    expect(desk.page.locator("#toast")).to_contain_text("person's joints now")
    desk.drop(("me-map.png", "image/png", encode_parsing_map(person.parsing)))
    expect(desk.page.locator("#toast")).to_contain_text("person's map now")
    desk.button("Done").click()
    desk.settled()
    state = json.loads(desk.save("All of this as a file"))
    from spt_tf.studio.messages import read_person

    taken = read_person(state, "person", (64, 32))
    assert (taken.image == person.image).all() and (taken.parsing == person.parsing).all()
    assert np.allclose(taken.keypoints, person.keypoints, atol=0.01)
    assert state["pose"] == state["person"]["keypoints"]  # they stand as they are, until they are moved


def _openpose(keypoints: np.ndarray) -> list[float]:
    return [v for y, x in keypoints.tolist() for v in ((x, y, 1.0) if y >= 0 else (0.0, 0.0, 0.0))]


def test_a_file_that_is_none_is_refused_in_a_sentence(desk):
    desk.drop(("notes.json", "application/json", b"{"))
    expect(desk.page.locator("#toast")).to_contain_text("notes.json: expected JSON")
    desk.drop(("photo.jpg", "image/jpeg", b"no picture"))
    expect(desk.page.locator("#toast")).to_contain_text("expected a JPEG, PNG or WebP picture")
    # Chromium reports each refusal as it reports a missing file
    assert desk.complaints and all("400" in text for text in desk.complaints)
    desk.complaints.clear()


def test_a_pose_goes_out_as_openpose_json_and_comes_back(desk):
    desk.drag("left wrist", 2, -5)
    desk.joint("right ear").focus()
    if desk.place("right ear") is not None:
        desk.page.keyboard.press("Delete")
    saved = desk.saved_pose()
    numbers = saved["people"][0]["pose_keypoints_2d"]
    across, down = desk.place("left wrist")
    assert numbers[21:24] == [pytest.approx(across, abs=0.06), pytest.approx(down, abs=0.06), 1]
    assert numbers[48:51] == [0, 0, 0] and (saved["canvas_width"], saved["canvas_height"]) == (32, 64)
    desk.button("Own pose").click()
    assert desk.place("left wrist") != (across, down)
    desk.drop(("pose.json", "application/json", json.dumps(saved).encode()))
    expect(desk.page.locator("#toast")).to_contain_text("pose is taken over")
    assert desk.place("left wrist") == (across, down) and desk.place("right ear") is None


def test_the_saved_picture_is_the_one_that_is_shown(desk):
    saved = np.array(Image.open(io.BytesIO(desk.save("Picture PNG"))).convert("RGB"))
    assert (saved == desk.pixels()).all()


@pytest.mark.parametrize("how", ["link", "file"])
def test_all_of_it_comes_back(desk, browser, studio, how):
    desk.drag("left wrist", 2, -5)
    desk.open_tab("Paint")
    desk.label("skirt")
    desk.stroke((20, 3), (26, 20))
    desk.settled()
    expected = desk.saved_map(), desk.pixels()
    if how == "link":
        desk.button("Save…").click()
        desk.button("Copy a link to all of this").click()
        expect(desk.page.locator("#toast")).to_contain_text("link")
        again = StudioPage(browser, desk.page.url)
    else:
        again = StudioPage(browser, studio.address)
        again.drop(("mine.json", "application/json", desk.save("All of this as a file")))
    expect(again.button("Undo")).to_be_enabled()
    again.settled()
    assert (again.saved_map() == expected[0]).all() and (again.pixels() == expected[1]).all()
    for one in (again, desk):
        one.open_tab("Pose")
    assert again.place("left wrist") == desk.place("left wrist")
    assert again.complaints == []
    again.close()


def test_clothes_are_swapped_by_clicking_on_them(desk, gallery):
    top = [
        n
        for n in range(len(gallery.people))
        if (gallery.person(n).parsing == LABEL["upper_clothes"]).sum() > 40
    ]
    person, donor = gallery.person(top[0]), gallery.person(top[-1])
    desk.page.locator("#people").get_by_role("button").nth(top[0]).click()
    desk.drop(("map.png", "image/png", encode_parsing_map(person.parsing)))
    desk.settled()
    before = desk.pixels()
    desk.open_tab("Clothes")
    desk.page.locator("#donors").get_by_role("button").nth(top[-1]).click()
    expect(desk.page.get_by_role("checkbox", name="upper clothes")).to_be_visible()
    assert (desk.pixels("#donor") == donor.image).all()
    row, column = np.argwhere(donor.parsing == LABEL["upper_clothes"])[20]
    box = desk.page.locator("#donor").bounding_box()
    where = box["x"] + (column + 0.5) * box["width"] / 32, box["y"] + (row + 0.5) * box["height"] / 64
    desk.page.mouse.click(*where)
    expect(desk.page.get_by_role("checkbox", name="upper clothes")).to_be_checked()
    desk.settled()
    after, swapped = desk.pixels(), desk.pixels("#donor")
    inside = person.parsing == LABEL["upper_clothes"]
    assert (after != before)[inside].any() and (after == before)[~inside].all()
    theirs = donor.parsing == LABEL["upper_clothes"]
    assert (swapped != donor.image)[theirs].any() and (swapped == donor.image)[~theirs].all()
    desk.page.get_by_role("checkbox", name="upper clothes").uncheck()
    desk.settled()
    assert (desk.pixels() == before).all()
