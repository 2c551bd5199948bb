"""The fast energy against the definition."""

from __future__ import annotations

import numpy as np
import pytest

from spt_tf.pseudo_labels import label_energy as module
from spt_tf.pseudo_labels.energy import pair_energy
from spt_tf.pseudo_labels.label_energy import label_energy
from spt_tf.pseudo_labels.packed_people import pack_people
from tests.pseudo_labels.crowd import make_crowd, one_hot


@pytest.fixture(scope="module")
def crowd():
    return make_crowd(30)


@pytest.fixture(scope="module")
def people(crowd):
    return pack_people(crowd, 1 << 30)


def test_equals_the_definition(crowd, people):
    sources, candidates = np.divmod(np.random.default_rng(0).permutation(900)[:40], 30)
    expected = pair_energy(
        one_hot(crowd, sources),
        crowd.keypoints[sources],
        one_hot(crowd, candidates),
        crowd.keypoints[candidates],
    )
    np.testing.assert_allclose(label_energy(people, sources, candidates), expected, rtol=1e-5, atol=1e-3)


def test_does_not_depend_on_the_company(people, monkeypatch):
    sources, candidates = np.divmod(np.arange(900), 30)
    together = label_energy(people, sources, candidates)
    np.testing.assert_array_equal(
        label_energy(people, sources[313:320], candidates[313:320]), together[313:320]
    )
    monkeypatch.setattr(module, "_RUNS", 1 << 11)
    np.testing.assert_array_equal(label_energy(people, sources, candidates), together)


def test_of_no_pairs(people):
    assert label_energy(people, np.zeros(0, int), np.zeros(0, int)).shape == (0,)


def test_pixels_may_live_in_a_file(crowd, people):
    mapped = pack_people(crowd, memory_limit=0)
    assert isinstance(mapped.pixels, np.memmap)
    np.testing.assert_array_equal(mapped.pixels, people.pixels)
