"""The report: what it shows, and that it needs no other file."""

from __future__ import annotations

import html.parser
import re
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from spt_tf.evaluation.evaluate import write_curves
from spt_tf.evaluation.report import charts
from spt_tf.evaluation.report.compare import compare
from spt_tf.evaluation.report.page import write_page
from spt_tf.evaluation.report.saved_evaluation import read_evaluation
from spt_tf.evaluation.report.tables import table_lines
from tests.evaluation.report.made_up import write_evaluation

ROOT = Path(__file__).resolve().parents[3]
LINE = '{"stage": "semantic", "step": 1, "cross_entropy": 1.0}\n'


class _Checked(html.parser.HTMLParser):
    """Every tag is closed in order, and nothing is fetched."""

    def __init__(self, page: str):
        super().__init__()
        self.open: list[str] = []
        self.text: list[str] = []
        self.images = 0
        self.feed(page)
        assert self.open == []

    def handle_starttag(self, tag, attrs):
        if tag not in ("meta", "img", "source", "line", "polyline", "br"):
            self.open.append(tag)
        for name, value in attrs:
            if name in ("src", "srcset"):
                assert value.startswith("data:image/png;base64,")
                self.images += 1
        assert tag not in ("script", "link", "iframe")

    def handle_startendtag(self, tag, attrs):
        pass

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        self.text.append(data)


def _read(page: str) -> tuple[_Checked, str]:
    checked = _Checked(page)
    assert "http" not in page and "url(" not in page
    assert 'name="viewport" content="width=device-width' in page
    return checked, " ".join(" ".join(checked.text).split())


def test_the_table_has_the_metrics_that_were_measured():
    means = {"all": {"generated": {"pairs": 3, "ssim": 0.5, "lpips": None}, "copied_source": {"pairs": 3}}}
    assert table_lines({"means": means}) == [
        ("subset", "method", "pairs", "ssim"),
        ("all", "generated", "3", "0.5000"),
        ("all", "copied_source", "3", "-"),
    ]


def test_a_run_stands_beside_what_needs_no_learning(tmp_path):
    checked, text = _read(write_page([read_evaluation(write_evaluation(tmp_path / "run" / "spt"))]))
    assert "Evaluation of run" in text and "Stage end_to_end, step 500." in text
    assert "SSIM 0.500 +0.200 against 0.300, warped +0.100 against 0.400, copied" in text
    assert "0.125 where the view changes" in text
    assert "4 test pairs of some/data" in text
    assert checked.images == 6 * (2 + 2 + 1)  # pictures of the chosen pairs
    for part in (
        "The best pairs",
        "The worst pairs",
        "Random pairs",
        "All numbers",
        "upper clothes 0.25 0.25",
    ):
        assert part in text
    assert "Pairs from the middle" not in text  # there are none
    assert "not the whole evaluation" not in text and "left out" not in text.split("How this was measured")[0]
    assert "How training went" not in text


def test_what_must_be_known_first_stands_first(tmp_path):
    left_out = [{"file": "a.csv", "name": f"{n}.jpg", "why": "missing image"} for n in range(3)]
    folder = write_evaluation(
        tmp_path / "run" / "spt",
        restrictions=["the first 4 pairs alone"],
        data={"data_dir": "d", "fingerprint": "f", "pairs": 4, "left_out": left_out},
    )
    _, text = _read(write_page([read_evaluation(folder)]))
    assert text.index("not the whole evaluation: the first 4 pairs alone.") < text.index("SSIM")
    assert "3 entries of the data were left out" in text and "a.csv: 2.jpg, missing image" in text


def test_names_are_not_taken_for_html(tmp_path):
    folder = write_evaluation(tmp_path / "<b>run&" / "spt", left_out_metrics={"x": "<script>"})
    _, text = _read(write_page([read_evaluation(folder)]))
    assert "Evaluation of <b>run&" in text and "<script>" in text


def test_curves_are_shown_where_the_run_has_logged(tmp_path):
    assert not write_curves(tmp_path, None) and not write_curves(tmp_path, str(tmp_path))
    folder = write_evaluation(tmp_path / "run" / "spt")
    (tmp_path / "run" / "metrics.jsonl").write_text(LINE)
    page = write_page([read_evaluation(folder)])
    assert "How training went" in _read(page)[1]
    assert re.search(r'<source media="\(max-width: 640px\)" srcset="data:', page)  # another for phones
    assert write_curves(tmp_path, str(tmp_path / "run")) and (tmp_path / "curves.png").stat().st_size > 1000


def test_runs_stand_side_by_side(tmp_path):
    for name, ssim in (("one", 0.5), ("two", 0.75)):
        write_evaluation(tmp_path / name / "evaluation" / "spt", ssim)
    path = compare([str(tmp_path / "one"), str(tmp_path / "two")], "spt", None)
    assert path == tmp_path / "one" / "evaluation" / "comparison" / "report.html"
    checked, text = _read(path.read_text(encoding="utf8"))
    assert "one 0.5000 0.1000 two 0.7500 0.1000 source warped, nothing learned 0.3000 0.3000" in text
    assert "<strong>0.7500</strong>" in path.read_text() and "<strong>0.5000</strong>" not in path.read_text()
    assert "one: SSIM 0.500; two: SSIM 0.750" in text
    assert checked.images == 2 * (4 + 2)  # two random pairs: what was given, and both runs' pictures
    assert "do not compare" not in text


def test_what_cannot_be_compared_is_said(tmp_path):
    write_evaluation(tmp_path / "one" / "evaluation" / "spt")
    other = dict(data_dir="d", fingerprint="other", pairs=4, left_out=[])
    write_evaluation(tmp_path / "two", data=other, protocol={"name": "pg2", "description": ""})
    page = compare([str(tmp_path / "one"), str(tmp_path / "two")], "spt", str(tmp_path)).read_text()
    assert "two and one were not scored on the same pairs: do not compare them." in page
    assert "under different protocols" in page
    (tmp_path / "nothing").mkdir()
    with pytest.raises(ValueError, match=r"nothing.*metrics\.json: no such file"):
        compare([str(tmp_path / "nothing")], "spt", None)
    with pytest.raises(ValueError, match="expected run directories"):
        compare([], "spt", None)


def test_an_evaluation_of_an_older_version_is_shown_as_far_as_it_goes(tmp_path):
    folder = write_evaluation(tmp_path / "run" / "spt", label_iou={}, chosen={})
    _, text = _read(write_page([read_evaluation(folder)]))
    assert "SSIM 0.500" in text and "Random pairs" not in text and "by label" not in text


def test_a_histogram_s_bars_are_the_shares(tmp_path):
    drawn = charts.histogram("t", {"a": np.array([0.0, 0.0, 0.0, 1.0, np.nan])}, {"a": "#000"})
    points = re.search(r'points="([^"]+)"', drawn)[1].split()
    heights = [float(point.split(",")[1]) for point in points[1:-1:2]]
    assert heights[0] == 0 and heights[-1] == pytest.approx(130 - 130 / 3, abs=0.1)  # from above
    assert set(heights[1:-1]) == {130.0}
    assert charts.histogram("t", {"a": np.array([np.nan])}, {"a": "#000"}) == ""


def test_the_command_compares(tmp_path):
    for name in ("one", "two"):
        write_evaluation(tmp_path / name / "evaluation" / "spt")
    command = [
        sys.executable,
        "scripts/evaluate.py",
        "--compare",
        str(tmp_path / "one"),
        str(tmp_path / "two"),
    ]
    told = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert told.returncode == 0, told.stderr
    assert told.stdout == f"{tmp_path}/one/evaluation/comparison/report.html\n"
