import csv
import json

import pytest

from spt_tf.evaluation.run_evaluation import EvaluationPlan, evaluate_run
from tests.evaluation.doll_house import CANVAS, write_doll_house
from tests.untrained_run import write_untrained_run


def test_a_run_is_scored_beside_the_baselines(tmp_path):
    pairs = write_doll_house(tmp_path / "data")
    write_untrained_run(tmp_path / "run", CANVAS, step=7)
    plan = EvaluationPlan(
        str(tmp_path / "run"), str(tmp_path / "data"), "spt", 3, 2, str(tmp_path / "out"), pckh=True
    )
    metrics = evaluate_run(plan)
    with open(tmp_path / "out" / "metrics.json") as file:
        assert json.load(file) == metrics
    means = metrics["means"]["all"]
    assert set(means) == {"generated", "copied_source", "warped_source"}
    assert all(scores["pairs"] == 3 for scores in means.values())
    assert means["generated"]["mask_ssim"] < means["copied_source"]["mask_ssim"] < 1
    assert metrics["weights"]["stage"] == "end_to_end" and metrics["weights"]["step"] == 7
    assert set(metrics["left_out_metrics"]) == {"lpips", "inception score, mask-IS, fid"}
    assert metrics["set_scores"]["copied_source"]["pckh_wanted"] == 3 * 18
    assert "13-tap" in metrics["protocol"]["description"]
    with open(tmp_path / "out" / "pairs.csv") as file:
        rows = list(csv.DictReader(file))
    assert [(row["from"], row["to"]) for row in rows] == pairs[:3]
    told = sum(float(row["generated/ssim"]) for row in rows) / 3
    assert told == pytest.approx(means["generated"]["ssim"], abs=1e-8)
    report = (tmp_path / "out" / "report.html").read_text()
    assert f"{means['generated']['mask_ssim']:.4f}" in report
    for name in ("random", "best", "worst"):
        assert (tmp_path / "out" / f"sheet_{name}.png").exists() and f"sheet_{name}.png" in report


def test_what_cannot_be_evaluated_is_named(tmp_path):
    write_doll_house(tmp_path / "data")
    plan = EvaluationPlan(str(tmp_path / "run"), str(tmp_path / "data"), "spt", 0, 2, str(tmp_path / "out"))
    with pytest.raises(ValueError, match=r"no config\.json"):
        evaluate_run(plan)
    write_untrained_run(tmp_path / "run", (112, 64))
    with pytest.raises(ValueError, match="10 left out: image of the wrong size"):
        evaluate_run(plan)
    assert not (tmp_path / "out").exists()
