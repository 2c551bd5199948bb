"""A sequence between two poses: made, walked through, saved as GIF."""

from __future__ import annotations

import io

import numpy as np
import pytest
from PIL import Image

pytest.importorskip("playwright.sync_api", reason="Playwright is not installed")
from playwright.sync_api import expect

from spt_tf.applications.pose_sequence.interpolation import poses_between
from spt_tf.applications.pose_sequence.steady_poses import outside_is_missing
from tests.studio.studio_page import PATIENCE


def _make(desk, frames: int) -> None:
    desk.open_tab("Motion")
    desk.page.get_by_role("slider", name="Frames", exact=True).fill(str(frames))
    desk.button("Play").click()
    expect(desk.button("Save as GIF")).to_be_enabled(timeout=PATIENCE)


def test_a_sequence_is_made_walked_through_and_saved(desk, gallery, model):
    person = gallery.person(gallery.first)
    desk.drag("left wrist", 3, -8)
    desk.settled()
    numbers = np.reshape(desk.saved_pose()["people"][0]["pose_keypoints_2d"], (18, 3))
    last = np.where(numbers[:, 2:] > 0, numbers[:, 1::-1], -1)
    _make(desk, 7)
    poses = outside_is_missing(poses_between(person.keypoints, last, 7), model.canvas)
    expected = list(model.frames(person, poses))
    slider = desk.page.get_by_label("Frame", exact=True)
    assert slider.get_attribute("max") == "11"  # there and back
    for number in (0, 3, 6):
        slider.fill(str(number))
        assert (desk.pixels() == expected[number]).all()
    with desk.page.expect_download() as download:
        desk.button("Save as GIF").click()
    with open(download.value.path(), "rb") as file:
        gif = Image.open(io.BytesIO(file.read()))
    assert gif.format == "GIF" and gif.n_frames == 12 and gif.size == (128, 256)


def test_it_plays_by_itself_where_motion_is_welcome(browser, studio):
    from tests.studio.studio_page import StudioPage

    desk = StudioPage(browser, studio.address, reduced_motion="no-preference")
    desk.button("Mirror").click()
    _make(desk, 6)
    desk.page.get_by_label("Frame", exact=True).fill("0")  # pauses
    first = desk.pixels()
    desk.button("Play").click()
    expect(desk.page.get_by_label("Frame", exact=True)).not_to_have_value("0", timeout=PATIENCE)
    desk.button("Pause").click()
    desk.page.get_by_label("Frame", exact=True).fill("5")
    assert (desk.pixels() != first).any()
    desk.close()


def test_another_pose_ends_the_sequence_and_the_first_one_is_chosen(desk):
    desk.button("Mirror").click()
    desk.settled()
    mirrored = desk.pixels()
    _make(desk, 6)
    desk.page.get_by_label("Frame", exact=True).fill("0")
    assert (desk.pixels() != mirrored).any()
    desk.button("Start here").click()
    expect(desk.button("Save as GIF")).to_be_disabled()
    desk.settled()
    assert (desk.pixels() == mirrored).all()
    desk.button("Undo").click()
    expect(desk.button("Own pose first")).to_be_disabled()
