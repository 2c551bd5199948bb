"""The report's table."""

from __future__ import annotations

from spt_tf.evaluation.evaluate import write_curves
from spt_tf.evaluation.html_report import table_lines, write_report

METRICS = {
    "protocol": {"name": "spt", "description": "theirs"},
    "data": {"data_dir": "d", "pairs": 3, "fingerprint": "f", "left_out": []},
    "changes_view_known_from": "names",
    "means": {"all": {"generated": {"pairs": 3, "ssim": 0.5}}},
    **{name: {} for name in ("left_out_metrics", "formats", "versions")},
}


def test_the_table_has_the_metrics_that_were_measured():
    means = {"all": {"generated": {"pairs": 3, "ssim": 0.5, "lpips": None}, "copied_source": {"pairs": 3}}}
    assert table_lines({"means": means}) == [
        ("subset", "method", "pairs", "ssim"),
        ("all", "generated", "3", "0.5000"),
        ("all", "copied_source", "3", "-"),
    ]


def test_the_report_shows_how_the_run_was_trained_where_that_is_known(tmp_path):
    assert not write_curves(tmp_path, None) and not write_curves(tmp_path, str(tmp_path))
    assert not list(tmp_path.iterdir())
    (tmp_path / "metrics.jsonl").write_text('{"stage": "semantic", "step": 1, "cross_entropy": 1.0}\n')
    assert write_curves(tmp_path, str(tmp_path)) and (tmp_path / "curves.png").stat().st_size > 1000
    assert 'src="curves.png"' in write_report(METRICS, has_curves=True)
    assert "curves.png" not in write_report(METRICS)
