"""Measures how long the studio's person takes to follow a dragged joint, in a real browser.

    python scripts/bench/studio_latency.py --run_dirs=runs/demo,runs/market

Each run draws in the studio's process, then behind the embedded server, a process of its own. The time is
from the pointer's event in the page to the new picture on its canvas. Needs chromium and Playwright.
"""

from __future__ import annotations

import contextlib
import shutil
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
from absl import app, flags

FLAGS = flags.FLAGS
_ROOT = Path(__file__).resolve().parents[2]
_PATIENCE = 120_000  # milliseconds
# Notes when the pointer moved, and when a new picture came to the result's canvas.
_WATCH = """
window.moved = []; window.drawn = [];
addEventListener("pointermove", () => window.moved.push(performance.now()), true);
const put = CanvasRenderingContext2D.prototype.putImageData;
CanvasRenderingContext2D.prototype.putImageData = function (...picture) {
  put.apply(this, picture);
  if (this.canvas.id === "result") window.drawn.push(performance.now());
};
"""


def define_flags() -> None:
    """Defines the flags, with their checks."""
    flags.DEFINE_list("run_dirs", None, "Finished runs.", required=True)
    flags.DEFINE_integer("drags", 60, "Steps of the pointer, each waited for.", lower_bound=1)
    flags.DEFINE_float("seconds", 8.0, "How long the pointer moves without waiting.", lower_bound=1.0)
    flags.DEFINE_string("output", None, "File for the results, besides printing them.")


@contextlib.contextmanager
def _studio(model: Any) -> Iterator[str]:
    """The address of a studio of this model and one paper doll, in a thread."""
    import socket

    import uvicorn

    from spt_tf.data.datasets import load_people
    from spt_tf.paper_dolls.dataset import DatasetPlan, write_dataset
    from spt_tf.studio.app import studio_app
    from spt_tf.studio.draw import warm_up
    from spt_tf.studio.gallery import Gallery

    warm_up(model)
    with tempfile.TemporaryDirectory() as folder, socket.create_server(("127.0.0.1", 0)) as listener:
        dolls = Path(folder, "dolls")
        write_dataset(dolls, DatasetPlan(model.canvas, seed=5, num_train=1, num_test_pairs=2), processes=1)
        studio = studio_app(model, Gallery(load_people(dolls, "test", model.canvas)))
        server = uvicorn.Server(uvicorn.Config(studio, log_level="error"))
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]})
        thread.start()
        try:
            yield f"http://127.0.0.1:{listener.getsockname()[1]}/"
        finally:
            server.should_exit = True
            thread.join()


def _settle(page: Any) -> None:
    from playwright.sync_api import expect

    expect(page.locator("#status")).to_contain_text("Drawn", timeout=_PATIENCE)
    expect(page.locator("#result")).to_have_attribute("aria-busy", "false", timeout=_PATIENCE)


def _measure(browser: Any, model: Any) -> str:
    """One line: waits for single steps, and pictures a second while the pointer does not wait."""
    with _studio(model) as address:
        page = browser.new_page(viewport={"width": 1280, "height": 800})
        page.add_init_script(_WATCH)
        page.goto(address)
        _settle(page)
        box = page.get_by_role("slider", name="left wrist").locator(".dot").bounding_box()
        x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
        page.mouse.move(x, y)
        page.mouse.down()
        _settle(page)
        waits = [_step(page, x, y - 4 * (step % 40) - 4) for step in range(FLAGS.drags + 3)][3:]
        rate = _rate(page, x, y)
        page.mouse.up()
        page.close()
    median, high = np.percentile(waits, [50, 95])
    return f"p50 {median:4.0f} ms, p95 {high:4.0f} ms a step; {rate:4.1f} pictures a second while dragging"


def _step(page: Any, x: float, y: float) -> float:
    """Milliseconds from one move of the pointer to its picture."""
    page.evaluate("() => { window.moved = []; window.drawn = []; }")
    page.mouse.move(x, y)
    while not page.evaluate("() => window.drawn.length"):
        page.wait_for_timeout(2)
    _settle(page)
    return page.evaluate("() => window.drawn.at(-1) - window.moved.at(-1)")


def _rate(page: Any, x: float, y: float) -> float:
    page.evaluate("() => { window.drawn = []; }")
    start, step = page.evaluate("() => performance.now()"), 0
    while (now := page.evaluate("() => performance.now()")) - start < 1000 * FLAGS.seconds:
        step += 1
        page.mouse.move(x + 20 * np.sin(step / 9), y - 60 - 40 * np.cos(step / 9))
        page.wait_for_timeout(10)
    return 1000 * page.evaluate("() => window.drawn.length") / (now - start)


@contextlib.contextmanager
def _served(base_path: Path) -> Iterator[str]:
    """The address of the embedded server, in a process of its own."""
    command = [
        sys.executable,
        str(_ROOT / "export" / "serve.py"),
        "--port=0",
        f"--model_base_path={base_path}",
    ]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
    try:
        assert process.stdout is not None
        yield process.stdout.readline().split()[-1]
    finally:
        process.terminate()
        process.wait()


def main(argv: list[str]) -> None:
    if len(argv) > 1:
        raise app.UsageError(f"unexpected argument: {argv[1]}")
    from playwright.sync_api import sync_playwright

    from measure import finish, machine
    from spt_tf.inference import load_finished_run
    from spt_tf.serving.saved_model import export_run
    from spt_tf.studio.model import RunModel, ServedModel

    lines = [machine(), f"from the pointer's move to the picture; {FLAGS.drags} steps"]
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=["--no-sandbox"])
        lines[0] += f", chromium {browser.version}"
        for run_dir in FLAGS.run_dirs:
            run = load_finished_run(run_dir)
            sides = "x".join(map(str, run.canvas))
            width = run.config.network.generator_width
            lines.append(f"{sides}, width {width:g}, in process: {_measure(browser, RunModel(run, run_dir))}")
            with tempfile.TemporaryDirectory() as scratch:
                base_path = Path(scratch, "spt")
                export_run(run, Path(run_dir), base_path)
                with _served(base_path) as server:
                    told = _measure(browser, ServedModel(server, "spt"))
            lines.append(f"{sides}, width {width:g}, served:     {told}")
        browser.close()
    finish(lines, FLAGS.output)


if __name__ == "__main__":
    define_flags()
    app.run(main)
