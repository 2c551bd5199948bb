"""Measures of the applications, on pictures whose score is known."""

from __future__ import annotations

import numpy as np
import pytest

from spt_tf.applications.parsing_edits.edits import edit_parsing
from spt_tf.evaluation.applications import edit_scores, sequence_scores, texture_scores
from spt_tf.evaluation.applications.drawn_truth import edit_cases, exchanges, movements
from spt_tf.evaluation.applications.regions import RegionTextures, colour_distance, seam, texture_distance

CANVAS = (64, 32)
TOP = 3


@pytest.fixture(scope="module")
def case():
    return next(case for case in exchanges(3, 20, CANVAS) if all(case.differ) and len(case.labels) == 2)


@pytest.fixture(scope="module")
def judge(case):
    return texture_scores.ExchangeJudge(case, RegionTextures(), lambda image: case.b.parsing)


def test_looks_are_of_the_region_whatever_its_size():
    cloth = np.random.default_rng(0).integers(0, 256, (8, 8, 3), np.uint8)
    image = np.tile(cloth, (8, 4, 1))
    large, small = np.full(CANVAS, TOP, np.uint8), np.zeros(CANVAS, np.uint8)
    small[8:40, 8:24] = TOP
    textures = RegionTextures()
    of_large, of_small = (textures(image, labels, [TOP])[0] for labels in (large, small))
    other = textures(image // 3, small, [TOP])[0]
    assert colour_distance(of_large, of_small) < 1e-9
    assert texture_distance(of_large, of_small) < 0.06 * texture_distance(other, of_small)


def test_a_seam_is_the_step_across_the_border():
    image = np.zeros((*CANVAS, 3), np.uint8)
    region = np.zeros(CANVAS, bool)
    region[20:40, 10:20] = True
    image[region] = 30
    assert seam(image, region) == pytest.approx(30)
    assert np.isnan(seam(image, np.ones(CANVAS, bool)))


def test_the_truth_is_best_and_b_itself_is_nearer_to_b(case, judge):
    truth, unchanged = judge(case.truth.image), judge(case.b.image)
    assert truth["ssim"] == pytest.approx(1) and truth["mask_ssim"] == pytest.approx(1)
    assert truth["inside"] == 0
    assert unchanged["nearer_a"] == 0 and unchanged["outside"] == 0 and unchanged["iou"] == 1
    assert truth["colour"] < unchanged["colour"] and truth["texture"] < unchanged["texture"]
    marked = case.b.image.copy()
    outside = tuple(np.argwhere(~np.isin(case.b.parsing, case.labels))[0])
    marked[outside] = case.b.image[outside] ^ 128
    assert judge(marked)["outside"] == 128


def test_baselines_keep_the_rest_and_take_the_colours(case, judge):
    for transfer in (texture_scores.shifted_colours, texture_scores.part_warped):
        score = judge(transfer(case.a, case.b, case.labels))
        assert score["outside"] == 0 and score["colour"] < judge(case.b.image)["colour"]
        assert texture_scores.from_oneself(transfer, case)[0] < 1  # in one's own pose nothing moves
    assert texture_scores.round_trip(texture_scores.shifted_colours, case) < 8


def test_an_edit_that_is_drawn_is_seen():
    edit = next(case for case in edit_cases(3, 9, CANVAS) if case.name == "bottom skirt")
    edited = edit_parsing(edit.person.parsing, edit.person.keypoints, edit.edits)

    def told(labels):
        return lambda image: labels

    seen = edit_scores.score_edit(edit, edited, edit.truth.image, told(edited))
    unseen = edit_scores.score_edit(edit, edited, edit.person.image, told(edit.person.parsing))
    assert seen["seen"] == 1 and seen["near"] == 0 and seen["ssim"] == pytest.approx(1)
    assert unseen["seen"] == unseen["kept"] == 0 and unseen["near"] > 0 and unseen["ssim"] < 0.999
    assert edit_scores.ceiling(edit, told(edit.truth.parsing)) == 1
    assert np.isnan(edit_scores.ceiling(edit, None))
    assert np.isnan(edit_scores.score_edit(edit, edited, edit.truth.image, None)["seen"])
    assert edit_scores.map_agreement(edit, edit.truth.parsing) == 1
    assert edit_scores.map_agreement(edit, edit.person.parsing) == 0


@pytest.fixture(scope="module")
def movement():
    return next(movements(3, 1, 10, CANVAS))


def test_the_truth_does_not_flicker_and_noise_does(movement):
    truth = np.stack([picture.image for picture in movement.truth])
    best = sequence_scores.score_sequence(movement, truth)
    assert (best["flicker"], best["colour_flicker"]) == (0, 0)
    assert best["ssim"] == pytest.approx(1) and best["tssim"] == pytest.approx(1)
    brighter = np.clip(truth.astype(int) + 9, 0, 255).astype(np.uint8)
    still = sequence_scores.score_sequence(movement, brighter)
    assert still["flicker"] < 1 and still["ssim"] < 0.999  # wrong, and still
    blinking = truth.copy()
    blinking[4] //= 2
    worse = sequence_scores.score_sequence(movement, blinking)
    assert worse["flicker"] > 10 and worse["colour_flicker"] > 10 and worse["tssim"] < 0.999


def test_a_detector_errs_by_a_pixel_and_loses_joints(movement):
    found = sequence_scores.detected(movement, 0)
    given = (movement.poses >= 0).all(axis=-1)
    kept = (found >= 0).all(axis=-1)
    assert not kept[~given].any() and 0.85 < kept[given].mean() < 1
    assert 0.8 < (found - movement.poses)[kept].std() < 1.2
    np.testing.assert_array_equal(found, sequence_scores.detected(movement, 0))
