"""Counts of what a finder finds, against numbers made by hand; and the report made of them."""

from __future__ import annotations

import json

import cv2
import numpy as np
import pytest

from spt_tf.evaluation.finder_report import FinderPlan, evaluate_finder
from spt_tf.evaluation.finder_scores import Truth, score, sides_merged
from spt_tf.perception.finder import Found
from tests.data.folders import market_folder
from tests.evaluation.sample_pairs import STICK_FIGURE
from tests.perception.tiny import CANVAS, write_untrained_finder


def _truth(count: int = 1) -> Truth:
    labels = np.zeros([count, 96, 64], np.uint8)
    labels[:, 10:20], labels[:, 30:40] = 6, 7
    return Truth(
        np.zeros([count, 96, 64, 3], np.uint8), labels, np.stack([STICK_FIGURE] * count).astype(np.float32)
    )


def _found(truth: Truth, parsing=None, keypoints=None, places=None) -> Found:
    keypoints = truth.keypoints if keypoints is None else keypoints
    places = np.maximum(keypoints, 0) if places is None else places
    parsing = truth.parsings if parsing is None else parsing
    return Found(parsing, np.ones(parsing.shape), keypoints, places, np.ones(keypoints.shape[:2]))


def test_what_is_found_as_it_is_scores_one():
    truth = _truth(2)
    numbers = score(truth, _found(truth)).numbers()
    for name in ("miou", "miou_sides_merged", "pckh", "pckh_told", "pck_torso"):
        assert numbers[name] == 1.0, name


def test_arms_of_the_wrong_sides_cost_miou_but_not_with_sides_merged():
    truth = _truth()
    swapped = np.array([0, 1, 2, 3, 4, 5, 7, 6, 8, 9], np.uint8)[truth.parsings]
    numbers = score(truth, _found(truth, swapped)).numbers()
    assert numbers["miou"] == pytest.approx(1 / 3)
    assert numbers["miou_sides_merged"] == 1.0


def test_merging_sides_keeps_every_pixel():
    counts = np.random.default_rng(0).integers(0, 9, [10, 10])
    merged = sides_merged(counts)
    assert merged.sum() == counts.sum()
    assert merged[6, 7] == counts[6:8, 8:10].sum()
    assert merged[0, 6] == counts[0, 6:8].sum()
    assert not merged[8:].any() and not merged[:, 8:].any()


def test_a_joint_told_missing_has_a_place_all_the_same():
    truth = _truth()
    told = truth.keypoints.copy()
    told[0, 10] = -1
    scores = score(truth, _found(truth, keypoints=told, places=truth.keypoints))
    present = (truth.keypoints >= 0).all(-1).sum()
    numbers = scores.numbers()
    assert numbers["pckh"] == 1.0
    assert numbers["pckh_told"] == pytest.approx((present - 1) / present)
    missing = 18 - present
    assert numbers["missing_precision"] == pytest.approx(missing / (missing + 1))
    if missing:
        assert numbers["missing_recall"] == 1.0


def test_a_torsos_fifth_is_measured_along_its_diagonal():
    truth = _truth()
    diagonals = [truth.keypoints[0, a] - truth.keypoints[0, b] for a, b in ((2, 11), (5, 8))]
    diameter = max(np.linalg.norm(d) for d in diagonals)
    for share, expected in ((0.19, True), (0.21, False)):
        places = truth.keypoints.copy()
        places[0, 9, 0] += share * diameter
        assert score(truth, _found(truth, places=places)).torso_hits[0, 9] == expected


@pytest.mark.slow
def test_a_report_has_a_row_a_label_and_a_joint_and_shows_the_worst(tmp_path):
    market_folder(tmp_path / "data", "test", people=3, canvas=CANVAS)
    run_dir = write_untrained_finder(tmp_path / "run")
    results = evaluate_finder(FinderPlan(run_dir, str(tmp_path / "data"), str(tmp_path / "out"), limit=2))
    written = json.loads((tmp_path / "out" / "metrics.json").read_text())
    assert written == results and results["people"] == 2
    assert set(results["joints"]["nose"]) >= {"pckh", "missing"} and len(results["labels"]) == 10
    assert results["joints"]["right_wrist"]["missing"] == 1.0  # in both people
    assert "right_wrist" in (tmp_path / "out" / "tables.txt").read_text()
    assert cv2.imread(str(tmp_path / "out" / "failures.png")).shape[0] > 2 * CANVAS[0]
    card = (tmp_path / "out" / "model_card.md").read_text()
    assert "Paper dolls are no photographs" in card and f"{results['miou']:.4f}" in card
