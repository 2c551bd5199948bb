"""Canonical grids and the shortlists made from them."""

from __future__ import annotations

import numpy as np
import pytest

from spt_tf.pseudo_labels import shortlist
from spt_tf.pseudo_labels.label_energy import label_energy
from spt_tf.pseudo_labels.packed_people import pack_people
from spt_tf.pseudo_labels.part_grids import COARSE, FINE, part_grids
from spt_tf.pseudo_labels.pose_distance import pose_distance
from tests.pseudo_labels.crowd import make_crowd

NUMBER = 60


@pytest.fixture(scope="module")
def people():
    return pack_people(make_crowd(NUMBER), 1 << 30)


@pytest.mark.parametrize("per_pixel", [False, True])
def test_the_matrix_product_counts_what_comparing_cells_does(people, per_pixel):
    grids = part_grids(people, COARSE, per_pixel)
    everyone = np.arange(NUMBER)
    product = grids.as_sources(everyone) @ grids.as_candidates(everyone).T
    product /= 1 << (16 if per_pixel else 4)
    compared = grids.energies(everyone, np.tile(everyone, (NUMBER, 1)))
    np.testing.assert_allclose(product, compared, rtol=0.03)


@pytest.mark.parametrize("per_pixel", [False, True])
def test_energies_are_the_cells_costs_weighed(people, per_pixel):
    grids = part_grids(people, FINE, per_pixel)
    sources, candidates = np.arange(40), np.random.default_rng(0).integers(0, NUMBER, (40, 5))
    energies = grids.energies(sources, candidates)
    for source, others, found in zip(sources, candidates, energies):
        own, theirs = grids.labels[source], grids.labels[others]
        costs = np.where(theirs == 255, 0, np.where(own == 255, 1, 2 * (own != theirs)))
        total = (costs * grids.weights[others][:, grids.part_of_cell]).sum(axis=1)
        total += (grids.areas[source] * (grids.areas[others] == 0)).sum(axis=1)
        np.testing.assert_allclose(found, total / grids.scales[others], rtol=1e-12)


def test_the_product_is_of_whole_numbers(people):
    for per_pixel in (False, True):
        candidates = part_grids(people, COARSE, per_pixel).as_candidates(np.arange(NUMBER))
        np.testing.assert_array_equal(candidates, np.rint(candidates))


def test_fine_grids_come_near_the_energy(people):
    rows, columns = np.divmod(np.arange(NUMBER**2), NUMBER)
    exact = label_energy(people, rows, columns).reshape(NUMBER, NUMBER)
    off = {}
    for name, sizes in (("coarse", COARSE), ("fine", FINE)):
        grids = part_grids(people, sizes, per_pixel=False)
        near = grids.energies(np.arange(NUMBER), np.tile(np.arange(NUMBER), (NUMBER, 1)))
        off[name] = np.corrcoef(near.ravel(), exact.ravel())[0, 1]
    assert off["fine"] > 0.97
    assert off["fine"] > off["coarse"]


def test_shortlists_hold_the_least_of_the_allowed(people, monkeypatch):
    grids = part_grids(people, COARSE, per_pixel=False)
    queries = np.array([3, 7, 50])
    listed = shortlist.shortlists(grids, people.keypoints, queries, 10, min_distance=1.5)
    distance = pose_distance(people.keypoints[queries], people.keypoints).numpy()
    energy = grids.as_sources(queries) @ grids.as_candidates(np.arange(NUMBER)).T
    allowed = (distance >= 1.5) & (queries[:, None] != np.arange(NUMBER))
    assert allowed.sum(1).min() >= 10
    assert allowed.sum() < 3 * (NUMBER - 1)
    for row in range(3):
        expected = sorted(np.flatnonzero(allowed[row]), key=lambda i: (energy[row, i], i))[:10]
        assert sorted(listed[row]) == sorted(expected)
    monkeypatch.setattr(shortlist, "_CANDIDATES_AT_A_TIME", 7)
    again = shortlist.shortlists(grids, people.keypoints, queries, 10, min_distance=1.5)
    np.testing.assert_array_equal(np.sort(again), np.sort(listed))


def test_shortlists_say_where_nobody_is_left(people):
    grids = part_grids(people, COARSE, per_pixel=False)
    listed = shortlist.shortlists(grids, people.keypoints, np.array([0]), 10, min_distance=1e6)
    assert (listed == -1).all()
