"""Curves of runs: what is read of a run, and that a picture of it comes out."""

from __future__ import annotations

import io
import json

import numpy as np
import pytest
from PIL import Image

from spt_tf import curves
from spt_tf.curves import plot_runs, read_curves, smooth


def _run(folder, lines):
    folder.mkdir()
    text = "".join(json.dumps(line) + "\n" for line in lines)
    (folder / "metrics.jsonl").write_text(text, encoding="utf8")
    return folder


def _lines(offset=0.0):
    for step in range(10, 60, 10):
        logits = {"logit_S/real": 0.9, "logit_S/generated": -0.1}
        yield {"stage": "semantic", "step": step, "cross_entropy": 5.0**-step + offset, **logits}
        yield {"stage": "appearance", "step": step, "style": 2.0 + offset, "clipped/generator": 0.5}
    yield {"stage": "appearance", "step": 50, "validation/ssim": 0.5 + offset}


def test_what_a_run_has_logged_is_read_by_stage_and_name(tmp_path):
    found = read_curves(_run(tmp_path / "run", _lines()))
    assert found["semantic"].keys() == {"cross_entropy", "logit_S/real", "logit_S/generated"}
    np.testing.assert_array_equal(found["appearance"]["style"].steps, [10, 20, 30, 40, 50])
    np.testing.assert_array_equal(found["appearance"]["validation/ssim"], [[50], [0.5]])


def test_values_that_are_no_numbers_and_half_a_line_are_left_out(tmp_path):
    run = _run(
        tmp_path / "run",
        [
            {"stage": "semantic", "step": step, "a": value}
            for step, value in ((1, 0.5), (2, float("nan")), (3, 0.25))
        ],
    )
    with open(run / "metrics.jsonl", "a", encoding="utf8") as lines:
        lines.write('{"stage": "semantic", "st')
    np.testing.assert_array_equal(read_curves(run)["semantic"]["a"], [[1, 3], [0.5, 0.25]])


@pytest.mark.parametrize(
    ("text", "told"),
    [
        (None, "no such file"),
        ("", "no line yet"),
        ('{"stage": "semantic"}\n', "metrics.jsonl:1: expected"),
        (
            '{"stage": "semantic", "step": 1, "a": 1}\n{"stage": "semantic", "step": 2, "a": "b"}\n',
            ":2: expected",
        ),
        ("[1]\n", ":1: expected"),
        ('{"stage": "semantic", "step": 1, "a": 1%s}\n' % ("0" * 400), ":1: expected"),
        ("[" * 200_000 + "\n", ":1: expected"),
        ('{"stage": "s\0", "step": 1, "a": 1}\n', "row 1: expected text, found a NUL"),
    ],
)
def test_a_run_that_cannot_be_read_is_named(tmp_path, text, told):
    if text is not None:
        (tmp_path / "metrics.jsonl").write_text(text, encoding="utf8")
    with pytest.raises(ValueError, match=f"{tmp_path}.*{told}"):
        plot_runs([tmp_path])


def test_no_run_is_refused():
    with pytest.raises(ValueError, match="at least one run"):
        plot_runs([])


def test_every_quantity_has_a_panel_and_the_two_logits_share_one(tmp_path):
    runs = [read_curves(_run(tmp_path / name, _lines())) for name in ("one", "other")]
    assert curves._panels(runs, "semantic") == {
        "cross entropy": ("cross_entropy",),
        "logit_S: real, generated (dashed)": ("logit_S/real", "logit_S/generated"),
    }
    assert list(curves._panels(runs, "appearance")) == ["validation: ssim", "style", "clipped: generator"]


def _pixels_of(picture, colour):
    rgb = [int(colour[place : place + 2], 16) for place in (1, 3, 5)]
    return int((np.abs(picture.astype(int) - rgb).max(axis=-1) < 12).sum())


def test_the_picture_shows_each_run_in_its_colour(tmp_path):
    one, other = _run(tmp_path / "one", _lines()), _run(tmp_path / "other", _lines(offset=0.2))
    pictures = [
        np.asarray(Image.open(io.BytesIO(plot_runs(runs))).convert("RGB")) for runs in ([one], [one, other])
    ]
    first, second = curves._COLOURS[:2]
    assert all(_pixels_of(picture, first) > 200 for picture in pictures)
    assert _pixels_of(pictures[0], second) == 0 and _pixels_of(pictures[1], second) > 200


def test_runs_are_called_by_what_tells_them_apart():
    assert curves.short_names(["/a/x/run", "/a/y/run"]) == ["x/run", "y/run"]
    assert curves.short_names(["/a/one", "/b/other"]) == ["one", "other"]


def test_smoothing_keeps_a_constant_and_begins_at_the_first_value():
    np.testing.assert_allclose(smooth(np.full(100, 3.0)), 3.0)
    rising = smooth(np.arange(100.0))
    assert rising[0] == 0 and np.all(np.diff(rising) > 0) and np.all(rising <= np.arange(100))
    np.testing.assert_array_equal(smooth(np.array([1.0, 5.0])), [1, 5])
