"""A run scored from its directory to metrics.json, table and page."""

from __future__ import annotations

import csv
import dataclasses
import json

import pytest

from spt_tf.evaluation import candidate
from spt_tf.evaluation.evaluate import evaluate_run
from spt_tf.evaluation.plan import EvaluationPlan
from tests.evaluation.doll_house import CANVAS, write_doll_house
from tests.perception.tiny import write_untrained_finder
from tests.untrained_run import write_untrained_run


def test_a_run_is_scored_beside_the_baselines(tmp_path):
    pairs = write_doll_house(tmp_path / "data")
    write_untrained_run(tmp_path / "run", CANVAS, step=7)
    plan = EvaluationPlan(
        *(str(tmp_path / "run"), str(tmp_path / "data"), "spt", 3, 2, str(tmp_path / "out")),
        options={"pckh": True},
    )
    metrics = evaluate_run(plan)
    with open(tmp_path / "out" / "metrics.json") as file:
        assert json.load(file) == metrics
    means = metrics["means"]["all"]
    assert set(means) == {"generated", "copied_source", "warped_source"}
    assert all(scores["pairs"] == 3 for scores in means.values())
    assert means["generated"]["mask_ssim"] < means["copied_source"]["mask_ssim"] < 1
    assert metrics["weights"]["stage"] == "end_to_end" and metrics["weights"]["step"] == 7
    left_out = {"lpips", "inception score, mask-IS, fid", "texture, colour_error", "image_parsing_miou"}
    assert set(metrics["left_out_metrics"]) == left_out
    assert "13-tap" in metrics["protocol"]["description"]
    with open(tmp_path / "out" / "pairs.csv") as file:
        rows = list(csv.DictReader(file))
    assert [(row["from"], row["to"]) for row in rows] == pairs[:3]
    assert means["copied_source"]["pckh_wanted"] == 3 * 18 and "copied_source/joints_found" in rows[0]
    mean = sum(float(row["generated/ssim"]) for row in rows) / 3
    assert mean == pytest.approx(means["generated"]["ssim"], abs=1e-8)
    report = (tmp_path / "out" / "report.html").read_text()
    assert f"{means['generated']['mask_ssim']:.4f}" in report
    for name in ("random", "best", "worst"):
        assert (tmp_path / "out" / f"sheet_{name}.png").exists() and f"sheet_{name}.png" in report


def test_what_cannot_be_evaluated_is_named(tmp_path):
    write_doll_house(tmp_path / "data")
    plan = EvaluationPlan(str(tmp_path / "run"), str(tmp_path / "data"), "spt", 0, 2, str(tmp_path / "out"))
    with pytest.raises(ValueError, match=r"no config\.json"):
        evaluate_run(plan)
    with pytest.raises(ValueError, match="--pckh needs the pose detector"):
        evaluate_run(dataclasses.replace(plan, run_dir=None, generated_dir="g", options={"pckh": True}))
    with pytest.raises(ValueError, match=r"--image_parser=p: no such directory.*scripts/ablate\.py"):
        evaluate_run(dataclasses.replace(plan, options={"image_parser": "p"}))
    with pytest.raises(ValueError, match="nowhere: no such directory; expected a data directory"):
        evaluate_run(dataclasses.replace(plan, data_dir="nowhere"))
    write_untrained_run(tmp_path / "run", (112, 64))
    with pytest.raises(ValueError, match="10 left out: image of the wrong size"):
        evaluate_run(plan)
    assert not (tmp_path / "out").exists()


def test_failure_cases_are_scored_and_shown(tmp_path):
    pairs = write_doll_house(tmp_path / "data")
    data = tmp_path / "data"
    (data / "train").symlink_to(data / "test")
    (data / "market-annotation-train.csv").symlink_to(data / "market-annotation-test.csv")
    write_untrained_run(tmp_path / "run", CANVAS)
    plan = EvaluationPlan(
        str(tmp_path / "run"), str(data), "spt", 0, 2, str(tmp_path / "out"), failure_cases=3
    )
    metrics = evaluate_run(plan)
    with open(tmp_path / "out" / "metrics.json") as file:
        assert json.load(file) == metrics
    corrupted = metrics["failure_cases"]["corrupted_parsing"]
    assert list(corrupted) == ["0", "0.1", "0.2", "0.4", "0.8"]
    assert all(means["pairs"] == 3 for means in corrupted.values())
    assert corrupted["0"]["ssim"] != corrupted["0.8"]["ssim"]
    bins = metrics["failure_cases"]["rare_poses"]
    assert sum(part["means"]["generated"]["pairs"] for part in bins) == len(pairs)
    assert bins[0]["distance_from"] == 0  # training has the very poses here
    report = (tmp_path / "out" / "report.html").read_text()
    for name in ("corrupted_parsing", "rare_poses"):
        assert (tmp_path / "out" / f"sheet_{name}.png").exists() and f"sheet_{name}.png" in report
    assert "80% of the parsing wrong" in report


def test_a_run_without_semantics_is_judged_by_an_image_parser(tmp_path):
    write_doll_house(tmp_path / "data", 3)
    write_untrained_run(tmp_path / "run", CANVAS, semantics=False)
    parser = write_untrained_finder(tmp_path / "parser", height=CANVAS[0], width=CANVAS[1])
    plan = EvaluationPlan(
        str(tmp_path / "run"),
        str(tmp_path / "data"),
        "spt",
        0,
        2,
        str(tmp_path / "out"),
        options={"texture": True, "image_parser": parser},
    )
    metrics = evaluate_run(plan)
    ours, copied = (metrics["means"]["all"][method] for method in ("generated", "copied_source"))
    assert "parsing_miou" not in ours and 0 < copied["parsing_miou"] < 1
    for metric in ("image_parsing_miou", "texture", "colour_error"):
        assert ours[metric] >= 0 and copied[metric] > 0 and ours[metric] != copied[metric]
    assert metrics["weights"]["stage"] == "appearance" and "target_parsing" not in metrics["weights"]
    assert f"{ours['texture']:.4f}" in (tmp_path / "out" / "report.html").read_text()
    with pytest.raises(ValueError, match="--true_target_parsing: this run has no semantics"):
        evaluate_run(dataclasses.replace(plan, true_target_parsing=True))
    with pytest.raises(ValueError, match="need label maps"):
        evaluate_run(dataclasses.replace(plan, run_dir=None, generated_dir="g"))


def test_a_run_may_be_given_the_true_parsing(tmp_path):
    write_doll_house(tmp_path / "data", 2)
    write_untrained_run(tmp_path / "run", CANVAS)
    plan = EvaluationPlan(str(tmp_path / "run"), str(tmp_path / "data"), "spt", 0, 2, str(tmp_path / "out"))
    metrics = evaluate_run(dataclasses.replace(plan, true_target_parsing=True))
    assert metrics["means"]["all"]["generated"]["parsing_miou"] == 1.0
    assert "TS-GT" in metrics["weights"]["target_parsing"]
    # the same output directory, another method: scored anew
    assert evaluate_run(plan)["means"]["all"]["generated"]["parsing_miou"] < 1.0


@pytest.mark.parametrize(
    ("changes", "folder"),
    [
        ({}, "run/evaluation/spt"),
        (dict(limit=40), "run/evaluation/spt-first_40"),
        (dict(true_target_parsing=True), "run/evaluation/spt-true_target_parsing"),
        (dict(precision="bfloat16"), "run/evaluation/spt-bfloat16"),
        (dict(limit=2, allow_missing=True, protocol="pg2"), "run/evaluation/pg2-first_2-allow_missing"),
        (dict(generated_dir="run/made/"), "run/evaluation/spt-made"),
        (dict(run_dir=None, generated_dir="their/made"), "their/evaluation/spt-made"),
    ],
)
def test_what_is_not_the_whole_evaluation_has_a_folder_of_its_own(changes, folder):
    plan = EvaluationPlan("run", "data", "spt", 0, 2, "")
    assert dataclasses.replace(plan, **changes).default_output_dir() == folder


def test_metrics_say_what_they_are_not_of(tmp_path):
    write_doll_house(tmp_path / "data", 3)
    write_untrained_run(tmp_path / "run", CANVAS)
    plan = EvaluationPlan(str(tmp_path / "run"), str(tmp_path / "data"), "spt", 2, 2, str(tmp_path / "out"))
    plan = dataclasses.replace(plan, precision="bfloat16")
    assert evaluate_run(plan)["restrictions"] == ["the first 2 pairs alone", "computed in bfloat16"]
    with pytest.raises(ValueError, match="--precision=bfloat16 is of a run that generates"):
        evaluate_run(dataclasses.replace(plan, generated_dir="made"))


def test_a_protocol_that_does_not_know_the_size_is_refused_before_the_model_is_loaded(tmp_path, monkeypatch):
    write_doll_house(tmp_path / "data", 2)
    write_untrained_run(tmp_path / "run", CANVAS)
    monkeypatch.setattr(candidate, "load_finished_run", lambda *_: pytest.fail("loaded"))
    plan = EvaluationPlan(str(tmp_path / "run"), str(tmp_path / "data"), "patn", 0, 2, str(tmp_path / "out"))
    with pytest.raises(ValueError, match=r"--protocol=patn: .* not 96x64"):
        evaluate_run(plan)


def test_a_run_is_scored_on_what_a_finder_finds_too(tmp_path):
    write_doll_house(tmp_path / "data", 3)
    write_untrained_run(tmp_path / "run", CANVAS)
    finder = write_untrained_finder(tmp_path / "finder", height=CANVAS[0], width=CANVAS[1])
    plan = EvaluationPlan(
        str(tmp_path / "run"), str(tmp_path / "data"), "spt", 0, 2, str(tmp_path / "out"), finder=finder
    )
    metrics = evaluate_run(plan)
    means = metrics["means"]["all"]
    scores = {
        name: means[name]["ssim"] for name in ("generated", "found_pose", "found_parsing", "found_both")
    }
    assert len(set(scores.values())) == 4, scores
    assert metrics["finder"]["run_dir"] == finder
    # given another answer, not what was evaluated before
    flipped = evaluate_run(dataclasses.replace(plan, flip_test=True))["means"]["all"]
    assert flipped["found_pose"]["ssim"] != scores["found_pose"]
    assert flipped["generated"]["ssim"] == scores["generated"]
    with pytest.raises(ValueError, match="--flip_test is of a finder"):
        evaluate_run(dataclasses.replace(plan, finder=None, flip_test=True))
    with pytest.raises(ValueError, match="--finder needs to generate images"):
        evaluate_run(dataclasses.replace(plan, generated_dir="g"))
    other = write_untrained_finder(tmp_path / "other")
    with pytest.raises(ValueError, match=r"it looks at images of 32x32, the run's are 96x64"):
        evaluate_run(dataclasses.replace(plan, finder=other))
