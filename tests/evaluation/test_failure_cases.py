"""Wrong parsings and rare poses."""

from __future__ import annotations

import numpy as np
import pytest
import tensorflow as tf

from spt_tf.evaluation import failure_cases
from spt_tf.evaluation.baselines import copied_source
from spt_tf.evaluation.score_table import ScoreTable
from tests.evaluation.plans import plain_metrics
from tests.evaluation.sample_pairs import STICK_FIGURE


def _labels():
    labels = np.zeros((40, 30), np.uint8)
    labels[5:15, 10:20] = 2
    labels[15:35, 8:22] = 3
    return labels


@pytest.mark.parametrize("seed", range(5))
def test_a_growing_patch_of_one_wrong_label(seed):
    labels = _labels()
    size = (labels > 0).sum()
    assert (failure_cases.corrupt_parsing(labels, 0.0, seed) == labels).all()
    before = labels != labels
    for amount in (0.1, 0.5, 1.0):
        corrupted = failure_cases.corrupt_parsing(labels, amount, seed)
        changed = corrupted != labels
        assert len(set(corrupted[changed])) == 1  # one label
        assert not changed[labels == 0].any() and (changed >= before).all()
        # Pixels that had the wrong label before are in the patch and do not change.
        wrong = corrupted[changed][0]
        rows, columns = np.nonzero((labels > 0) & (corrupted == wrong))
        assert changed.sum() <= round(amount * size) <= changed.sum() + (labels == wrong).sum()
        if amount == 0.1:
            assert np.ptp(rows[changed[rows, columns]]) < 15  # together, not scattered
        before = changed
    empty = np.zeros((4, 4), np.uint8)
    assert (failure_cases.corrupt_parsing(empty, 0.5, seed) == 0).all()


def test_a_method_sees_the_corrupted_parsing_and_nothing_else_changed():
    batch = {
        "source_name": tf.constant(["a.jpg", "b.jpg"]),
        "source_parsing": tf.constant(np.stack([_labels()] * 2)),
        "source_image": tf.constant(np.full((2, 40, 30, 3), 7, np.uint8)),
    }
    made = failure_cases.with_corrupted_parsing(copied_source, 0.3)(batch)
    again = failure_cases.with_corrupted_parsing(copied_source, 0.3)(batch)
    changed = (made.parsing.numpy() != _labels()).mean(axis=(1, 2))
    assert (changed > 0).all() and (made.image.numpy() == 7).all()
    np.testing.assert_array_equal(made.parsing, again.parsing)
    assert (made.parsing[0].numpy() != made.parsing[1].numpy()).any()  # a patch of each person's own


def test_rarity_is_the_distance_of_the_nearest_training_pose():
    usual = STICK_FIGURE.astype(np.float32)
    raised = usual.copy()
    raised[4] -= (36, 0)  # one hand: the mean shift is 2, others are 2 off, the hand 34
    moved = usual + np.array([3, -2])
    rarity, nearest = failure_cases.pose_rarity(np.stack([moved, raised]), np.stack([raised, usual]), 96)
    np.testing.assert_allclose(rarity, [0, 0], atol=1e-6)
    assert nearest.tolist() == [1, 0]
    rarity, _ = failure_cases.pose_rarity(np.stack([moved, raised]), usual[None], 96)
    np.testing.assert_allclose(rarity, [0, (17 * 2 + 34) / 18 / 96], atol=1e-6)


def test_scores_fall_into_bins():
    rarity = np.array([0.3, 0.1, 0.2, 0.5, 0.4])
    scored = ScoreTable(
        (("s", "t"),) * 5, plain_metrics(), {"m": {"ssim": {"ssim": np.array([0.3, 0.1, 0.2, 0.5, 0.4])}}}
    )
    bins = failure_cases.scores_by_rarity(scored, rarity, ["m"])
    assert [part["distance_from"] for part in bins] == [0.1, 0.3, 0.4, 0.5]
    assert bins[0]["distance_to"] == 0.2 and bins[0]["means"]["m"]["ssim"] == pytest.approx(0.15)
    assert sum(part["means"]["m"]["pairs"] for part in bins) == 5
