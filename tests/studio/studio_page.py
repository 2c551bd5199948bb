"""The studio's page in a browser, used as a person does: by names, mouse, keys, files."""

from __future__ import annotations

import io
import json
import re
import shutil

import numpy as np
from PIL import Image
from playwright.sync_api import Browser, Locator, Page, expect

from tests.studio.conftest import CANVAS

CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
PATIENCE = 300_000  # milliseconds: for a hang, not for a slow machine


class StudioPage:
    """A page of its own, closed with `close`, which tells what went wrong in it."""

    def __init__(self, browser: Browser, address: str, **context):
        options = {"viewport": {"width": 1280, "height": 800}, "reduced_motion": "reduce", **context}
        self._context = browser.new_context(**options)
        self.page: Page = self._context.new_page()
        self.page.set_default_timeout(PATIENCE)
        self.complaints: list[str] = []
        self.requests: list[str] = []
        self.page.on("console", self._hear)
        self.page.on("pageerror", lambda error: self.complaints.append(str(error)))
        self.page.on("request", lambda request: self.requests.append(request.url))
        self.page.goto(address)
        self.settled()

    def _hear(self, message) -> None:
        if message.type in ("error", "warning"):
            self.complaints.append(message.text)

    def close(self) -> None:
        self._context.close()

    def settled(self) -> None:
        """Waits until the newest picture is there."""
        expect(self.page.locator("#status")).to_contain_text("Drawn", timeout=PATIENCE)
        expect(self.page.locator("#result")).to_have_attribute("aria-busy", "false", timeout=PATIENCE)

    def button(self, name: str) -> Locator:
        return self.page.get_by_role("button", name=name, exact=True)

    def open_tab(self, name: str) -> None:
        self.page.get_by_role("tab", name=name).click()

    # Pictures

    def pixels(self, canvas: str = "#result") -> np.ndarray:
        """uint8 `[H,W,3]` of a canvas."""
        url = self.page.locator(canvas).evaluate("canvas => canvas.toDataURL()")
        import base64

        return np.array(Image.open(io.BytesIO(base64.b64decode(url.partition(",")[2]))).convert("RGB"))

    # Joints

    def joint(self, name: str) -> Locator:
        return self.page.get_by_role("slider", name=name, exact=True)

    def place(self, name: str) -> tuple[float, float] | None:
        """(across, down) as it is spoken; None where hidden."""
        told = self.joint(name).get_attribute("aria-valuetext")
        numbers = re.fullmatch(r"([\d.]+) across, ([\d.]+) down", told)
        return (float(numbers[1]), float(numbers[2])) if numbers else None

    def on_screen(self, name: str) -> tuple[float, float]:
        box = self.joint(name).locator(".dot").bounding_box()
        return box["x"] + box["width"] / 2, box["y"] + box["height"] / 2

    def pixel_size(self) -> float:
        """Screen pixels of one canvas pixel."""
        return self.page.locator("#joints").bounding_box()["width"] / CANVAS[1]

    def drag(self, name: str, across: float, down: float, shift: bool = False) -> None:
        """Drags a joint by that many canvas pixels."""
        x, y = self.on_screen(name)
        self.page.mouse.move(x, y)
        self.page.mouse.down()
        if shift:
            self.page.keyboard.down("Shift")
        unit = self.pixel_size()
        self.page.mouse.move(x + across * unit, y + down * unit, steps=6)
        self.page.mouse.up()
        if shift:
            self.page.keyboard.up("Shift")

    # Map

    def cell(self, row: int, column: int) -> tuple[float, float]:
        """The middle of a pixel of the map, on the screen."""
        box = self.page.locator("#paint").bounding_box()
        height, width = CANVAS
        return box["x"] + (column + 0.5) * box["width"] / width, box["y"] + (row + 0.5) * box[
            "height"
        ] / height

    def stroke(self, start: tuple[int, int], end: tuple[int, int]) -> None:
        self.page.mouse.move(*self.cell(*start))
        self.page.mouse.down()
        self.page.mouse.move(*self.cell(*end), steps=4)
        self.page.mouse.up()

    def label(self, name: str) -> None:
        self.page.get_by_role("radio", name=re.compile(rf"\d {name}$")).check()

    # Files

    def save(self, name: str) -> bytes:
        """What a button of the Save menu downloads."""
        self.button("Save…").click()
        with self.page.expect_download() as download:
            self.page.get_by_role("button", name=name).click()
        with open(download.value.path(), "rb") as file:
            return file.read()

    def saved_map(self) -> np.ndarray:
        """The map's labels uint8 `[H,W]`, by way of the file."""
        picture = Image.open(io.BytesIO(self.save("Map indexed PNG")))
        assert picture.mode == "P"
        return np.array(picture)

    def saved_pose(self) -> dict:
        return json.loads(self.save("Pose OpenPose JSON"))

    def drop(self, *files: tuple[str, str, bytes]) -> None:
        """Opens (name, media type, content) files."""
        self.page.locator("#files").set_input_files(
            [{"name": name, "mimeType": kind, "buffer": content} for name, kind, content in files]
        )
