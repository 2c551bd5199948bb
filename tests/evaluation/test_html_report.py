"""The report's table."""

from __future__ import annotations

from spt_tf.evaluation.html_report import table_lines


def test_the_table_has_the_metrics_that_were_measured():
    means = {"all": {"generated": {"pairs": 3, "ssim": 0.5, "lpips": None}, "copied_source": {"pairs": 3}}}
    assert table_lines({"means": means}) == [
        ("subset", "method", "pairs", "ssim"),
        ("all", "generated", "3", "0.5000"),
        ("all", "copied_source", "3", "-"),
    ]
