"""A folder of images scored by their names."""

from __future__ import annotations

import dataclasses

import cv2
import numpy as np
import pytest

from spt_tf.data.annotations import write_annotations, write_pairs
from spt_tf.evaluation import evaluate, evaluator
from spt_tf.evaluation.evaluate import evaluate_run
from spt_tf.evaluation.plan import EvaluationPlan
from tests.evaluation.doll_house import write_doll_house
from tests.evaluation.reference_lpips import ALEX, formula_tensors


def _write_generated(folder, data, pairs):
    """The true target as a strip's output, each pair in another form."""
    folder.mkdir()
    forms = ("{}___{}.png", "{}_{}.png", "{}.jpg_{}.jpg.png", "{}.jpg___{}.jpg_vis.png")
    names = []
    for number, (source, target) in enumerate(pairs):
        picture = cv2.imread(str(data / "test" / target))
        strip = np.concatenate([255 - picture, picture // 2, picture], axis=1)
        names.append(forms[number % 4].format(source[:-4], target[:-4]))
        cv2.imwrite(str(folder / names[-1]), strip if number % 2 else picture)
    return names


def _plan(tmp_path, **more):
    plan = EvaluationPlan(None, str(tmp_path / "data"), "spt", 0, 2, str(tmp_path / "out"))
    return dataclasses.replace(plan, generated_dir=str(tmp_path / "made"), **more)


def test_a_folder_of_images_is_scored_without_run_or_parsing(tmp_path):
    pairs = write_doll_house(tmp_path / "data")
    for path in (tmp_path / "data" / "parsing" / "test").iterdir():
        path.unlink()
    _write_generated(tmp_path / "made", tmp_path / "data", pairs)
    np.savez(tmp_path / "lpips.npz", **formula_tensors(ALEX))
    missing_joint = np.full((18, 2), 20.0)
    missing_joint[3] = -1
    found = {f"{source[:-4]}___{target[:-4]}.png": missing_joint for source, target in pairs}
    write_annotations(tmp_path / "found.csv", found)
    plan = _plan(
        tmp_path,
        options={
            "lpips_weights": str(tmp_path / "lpips.npz"),
            "generated_annotations": str(tmp_path / "found.csv"),
        },
    )
    metrics = evaluate_run(plan)
    means = metrics["means"]["all"]
    # JPEGs of the two readers may differ by a grey level
    assert means["generated"]["l1"] < 0.005 and means["generated"]["mask_ssim"] > 0.99
    assert means["generated"]["lpips"] < 0.01 * means["copied_source"]["lpips"]
    assert means["generated"]["pckh_wanted"] == 5 * 18 and means["generated"]["pckh"] < 0.5
    assert "pckh" not in means["copied_source"] and "parsing_miou" not in means["copied_source"]
    without_maps = "parsing_miou, image_parsing_miou, texture, colour_error"
    assert set(metrics["left_out_metrics"]) == {"inception score, mask-IS, fid", without_maps}
    assert metrics["images"]["generated_dir"] == plan.generated_dir and "weights" not in metrics
    assert "alex" in metrics["formats"]["lpips"]
    del found[next(iter(found))]
    write_annotations(tmp_path / "found.csv", found)
    message = f"no line for 1 of 5 pairs: {pairs[0][0]} > {pairs[0][1]}"
    with pytest.raises(ValueError, match=message.replace(".", r"\.")):
        evaluate_run(plan)


def test_missing_images_stop_or_are_told(tmp_path):
    pairs = write_doll_house(tmp_path / "data")
    names = _write_generated(tmp_path / "made", tmp_path / "data", pairs)
    cv2.imwrite(str(tmp_path / "made" / "0009_stranger.png"), np.zeros((96, 64, 3), np.uint8))
    cv2.imwrite(str(tmp_path / "made" / names[1]), np.zeros((90, 64, 3), np.uint8))
    (tmp_path / "made" / names[0]).unlink()
    plan = _plan(tmp_path)
    with pytest.raises(ValueError) as problem:
        evaluate_run(plan)
    for message in (
        f"{pairs[0][0]} > {pairs[0][1]}",
        f"{names[1]} (90x64, expected 96x64",
        "--allow_missing",
    ):
        assert message in str(problem.value)
    metrics = evaluate_run(dataclasses.replace(plan, allow_missing=True))
    assert metrics["data"]["pairs"] == 3
    left_out = {entry["name"]: entry["why"] for entry in metrics["data"]["left_out"]}
    assert left_out[f"{pairs[0][0]} > {pairs[0][1]}"] == "no image" and "90x64" in left_out[names[1]]
    assert left_out["0009_stranger.png"] == "no pair goes by this name"
    assert "0009_stranger.png" in (tmp_path / "out" / "report.html").read_text()


def test_pairs_that_do_not_match_the_data_stop_or_are_told(tmp_path):
    pairs = write_doll_house(tmp_path / "data")
    stranger = "0099_c1s1_000001_00.jpg"
    (tmp_path / "data" / "test" / pairs[1][1]).unlink()
    write_pairs(tmp_path / "data" / "market-pairs-test.csv", [*pairs, (pairs[0][0], stranger)])
    _write_generated(tmp_path / "made", tmp_path / "data", [pairs[0], *pairs[2:]])
    with pytest.raises(ValueError) as problem:
        evaluate_run(_plan(tmp_path))
    for message in ("2 pairs", f"{pairs[1][1]} (missing image", f"{stranger} (not in the annotations)"):
        assert message in str(problem.value)
    metrics = evaluate_run(_plan(tmp_path, allow_missing=True))
    assert metrics["data"]["pairs"] == 4
    assert any(stranger in entry["name"] for entry in metrics["data"]["left_out"])


def test_carrying_on_generates_nothing_twice(tmp_path, monkeypatch):
    pairs = write_doll_house(tmp_path / "data")
    _write_generated(tmp_path / "made", tmp_path / "data", pairs)
    plan = _plan(tmp_path)
    whole = evaluate_run(dataclasses.replace(plan, output_dir=str(tmp_path / "whole")))

    def interrupted(*arguments):
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(evaluate.views, "changes_view", interrupted)
        with pytest.raises(KeyboardInterrupt):
            evaluate_run(plan)
    scored = []
    measure = evaluator._measure
    monkeypatch.setattr(evaluator, "_measure", lambda *given: scored.append(given) or measure(*given))
    assert evaluate_run(plan) == whole and not scored
