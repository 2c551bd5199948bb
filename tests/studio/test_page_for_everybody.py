"""The page for those who do not see it, have no mouse, or whose server is gone."""

from __future__ import annotations

import pytest

pytest.importorskip("playwright.sync_api", reason="Playwright is not installed")
pytest.importorskip("axe_playwright_python", reason="axe-core is not installed")
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect

from spt_tf.studio.app import studio_app
from tests.studio.live import LiveStudio
from tests.studio.studio_page import StudioPage

TABS = ("Pose", "Paint", "Clothes", "Motion")


def _violations(page) -> list[str]:
    found = Axe().run(page.page).response["violations"]
    return [f"{one['id']}: {node['html'][:120]}" for one in found for node in one["nodes"]]


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing(browser, studio, scheme):
    desk = StudioPage(browser, studio.address, color_scheme=scheme)
    desk.page.locator("#people").get_by_role("button").first.click()
    for tab in TABS:
        desk.open_tab(tab)
        assert _violations(desk) == []
        if tab == "Clothes":
            desk.page.locator("#donors").get_by_role("button").first.click()
            desk.page.get_by_role("checkbox", name="hair").focus()
            assert _violations(desk) == []
    desk.button("Save…").click()
    assert _violations(desk) == []
    desk.close()


def test_axe_would_find_something(desk):
    desk.page.locator("#joint").evaluate("field => field.labels[0].remove()")
    assert any("select-name" in one for one in _violations(desk))


def test_every_tool_is_reached_by_the_tab_key(desk):
    """Without a mouse: each control takes focus in turn; of a group of radio buttons, one."""
    controls = desk.page.locator(
        ":is(button, select, input:not([type=radio]), svg [tabindex], canvas[tabindex]):visible:enabled"
    )
    for tab in TABS:
        desk.open_tab(tab)
        desk.page.get_by_role("tab", name=tab).focus()
        count = controls.evaluate_all("all => all.forEach((one, n) => { one.dataset.n = n; }) ?? all.length")
        reached = set()
        for _ in range(count + 40):
            desk.page.keyboard.press("Tab")
            reached.update(desk.page.locator(":focus").evaluate_all("all => all.map(one => one.dataset.n)"))
        names = controls.evaluate_all(
            "all => all.map(one => `${one.id} ${one.ariaLabel ?? one.textContent}`)"
        )
        missed = {name for n, name in enumerate(names) if str(n) not in reached and "tab-" not in name}
        assert missed == set()


def test_tabs_are_walked_by_arrow_keys(desk):
    desk.page.get_by_role("tab", name="Pose").focus()
    desk.page.keyboard.press("ArrowRight")
    expect(desk.page.get_by_role("tab", name="Paint")).to_be_focused()
    expect(desk.page.get_by_role("tabpanel", name="Paint")).to_be_visible()
    desk.page.keyboard.press("ArrowLeft")
    desk.page.keyboard.press("ArrowLeft")
    expect(desk.page.get_by_role("tab", name="Motion")).to_be_focused()


@pytest.mark.parametrize("width, height", [(1280, 800), (1024, 768), (820, 1180), (390, 844)])
def test_nothing_runs_out_of_the_window(desk, width, height):
    desk.page.set_viewport_size({"width": width, "height": height})
    for tab in TABS:
        desk.open_tab(tab)
        assert desk.page.locator("html").evaluate("page => page.scrollWidth") <= width
        if tab == "Pose":
            box = desk.page.locator("#joints").bounding_box()
            assert box["width"] >= 130 and abs(box["height"] / box["width"] - 2) < 0.02


def test_a_studio_that_is_gone_and_comes_back(browser, model, gallery):
    studio = LiveStudio(studio_app(model, gallery))
    studio.start()
    desk = StudioPage(browser, studio.address)
    before = desk.pixels()
    studio.stop()
    desk.drag("left wrist", 3, -6)
    status = desk.page.locator("#status")
    expect(status).to_contain_text("does not answer")
    expect(status).to_contain_text("Trying again")
    place = desk.place("left wrist")
    assert (desk.pixels() == before).all()
    studio.start()
    desk.settled()
    assert desk.place("left wrist") == place and (desk.pixels() != before).any()
    assert all("ERR_CONNECTION_REFUSED" in text for text in desk.complaints)
    desk.close()
    studio.stop()


def test_a_model_that_is_gone_and_comes_back(browser, model, gallery):
    from spt_tf.studio.model import ModelError

    class Leaving:
        canvas, predicts_parsing, title = model.canvas, True, "leaving"
        here = True
        render = staticmethod(model.render)

        def transfer_pose(self, *inputs):
            if not self.here:
                raise ModelError("spt at localhost:8500: nobody answers", gone=True)
            return model.transfer_pose(*inputs)

    leaving = Leaving()
    with LiveStudio(studio_app(leaving, gallery)) as studio:
        desk = StudioPage(browser, studio.address)
        leaving.here = False
        desk.button("Mirror").click()
        expect(desk.page.locator("#status")).to_contain_text("nobody answers Trying again…")
        leaving.here = True
        desk.settled()
        assert all("503" in text for text in desk.complaints)
        desk.close()


def test_one_request_at_a_time_and_the_newest_wins(browser, model, gallery):
    import threading

    gate, asked, poses = threading.Event(), threading.Semaphore(0), []
    gate.set()

    class Slow:
        canvas, predicts_parsing, title = model.canvas, True, "slow"
        render = staticmethod(model.render)

        def transfer_pose(self, image, parsing, keypoints, target_keypoints):
            poses.append(target_keypoints)
            asked.release()
            gate.wait(300)
            return model.transfer_pose(image, parsing, keypoints, target_keypoints)

    with LiveStudio(studio_app(Slow(), gallery)) as studio:
        desk = StudioPage(browser, studio.address)
        while asked.acquire(blocking=False):
            pass
        poses.clear()
        gate.clear()
        desk.drag("left wrist", 3, -6)
        assert asked.acquire(timeout=300)
        for _ in range(5):
            desk.page.keyboard.press("ArrowUp")
        gate.set()
        desk.settled()
        across, down = desk.place("left wrist")
        assert len(poses) <= 3  # where the drag began, where it was when that was done, and the last
        assert tuple(poses[-1][7]) == pytest.approx((down, across), abs=0.06)
        desk.close()
