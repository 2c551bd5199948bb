"""Example number n is a pure function of (seed, n), and epochs are fair."""

from __future__ import annotations

import numpy as np
import pytest
import tensorflow as tf

from spt_tf.data.datasets import load_people
from spt_tf.data.sampling import Sampler
from tests.data.folders import CANVAS, market_folder


@pytest.fixture(name="index")
def _index(tmp_path):
    market_folder(tmp_path, people=7)
    return load_people(tmp_path, "train", CANVAS)


def _draws(sampler: Sampler, first: int, count: int) -> np.ndarray:
    """`[count, 3]`: source, target, mirrored."""
    return _all_draws(sampler, first, count)[:, :3]


def _all_draws(sampler: Sampler, first: int, count: int) -> np.ndarray:
    """`[count, 4]`: the same, and whether the target is a candidate."""
    numbers = tf.data.Dataset.range(first, first + count).map(sampler.draw)
    return np.array([[int(value) for value in drawn] for drawn in numbers])


def test_every_person_is_a_source_once_an_epoch_in_changing_order(index):
    epochs = _draws(Sampler(index, None, seed=1), 0, 7 * 20)[:, 0].reshape(20, 7)
    assert (np.sort(epochs, axis=1) == np.arange(7)).all()
    assert len({tuple(epoch) for epoch in epochs}) > 15


def test_a_random_target_is_anybody_else_equally_often(index):
    drawn = _draws(Sampler(index, None, seed=1), 0, 4200)
    counts = np.zeros((7, 7, 2))
    np.add.at(counts, tuple(drawn.T), 1)
    assert (counts[np.eye(7, dtype=bool)] == 0).all()
    # 600 draws of each source over 6 others and two sides of a coin; 50 +- 5 standard deviations.
    assert (np.abs(counts[~np.eye(7, dtype=bool)] - 50) < 35).all()


def test_coins_and_targets_are_drawn_anew_for_every_example(index):
    drawn = _draws(Sampler(index, None, seed=1), 0, 7 * 50)
    coins = drawn[:, 2].reshape(50, 7)
    assert (np.ptp(coins, axis=1) == 1).mean() > 0.9
    steps = ((drawn[:, 1] - drawn[:, 0]) % 7).reshape(50, 7)
    assert (np.ptp(steps, axis=1) > 0).all()


def test_a_source_with_pairs_draws_among_its_candidates_only(index):
    names = index.names
    pairs = [(names[4], names[0]), (names[2], names[6]), (names[4], names[5]), (names[4], names[2])]
    sampler = Sampler(index, pairs, seed=3)
    assert sampler.num_sources == 2
    drawn = _draws(sampler, 0, 600)
    assert {tuple(pair) for pair in drawn[:, :2]} == {(4, 0), (4, 5), (4, 2), (2, 6)}
    assert (np.sort(drawn[:, 0].reshape(-1, 2), axis=1) == [2, 4]).all()
    assert np.unique(drawn[drawn[:, 0] == 4, 1], return_counts=True)[1].min() > 60


def test_a_share_of_the_targets_are_strangers(index):
    names = index.names
    pairs = [(names[4], names[0]), (names[2], names[6])]
    drawn = _all_draws(Sampler(index, pairs, seed=3, strangers=0.25), 0, 1200)
    plain = _all_draws(Sampler(index, pairs, seed=3), 0, 1200)
    candidates = drawn[:, 3] == 1
    assert abs(candidates.mean() - 0.75) < 0.07  # more than 5 standard deviations
    np.testing.assert_array_equal(drawn[candidates, :3], plain[candidates, :3])
    np.testing.assert_array_equal(drawn[:, [0, 2]], plain[:, [0, 2]])
    strangers = drawn[~candidates]
    assert (strangers[:, 0] != strangers[:, 1]).all()
    assert set(strangers[strangers[:, 0] == 4, 1]) == {0, 1, 2, 3, 5, 6}
    assert plain[:, 3].all() and not _all_draws(Sampler(index, None, seed=3), 0, 5)[:, 3].any()


def test_a_single_source_is_drawn_every_time(index):
    drawn = _draws(Sampler(index, [(index.names[3], index.names[1])], seed=0), 5, 4)
    assert (drawn[:, :2] == [3, 1]).all()


def test_draws_depend_on_the_number_and_the_seed_alone(index):
    whole = _draws(Sampler(index, None, seed=5), 0, 40)
    np.testing.assert_array_equal(_draws(Sampler(index, None, seed=5), 17, 23), whole[17:])
    eager = [int(value) for value in Sampler(index, None, seed=5).draw(tf.constant(17, tf.int64))[:3]]
    assert eager == whole[17].tolist()
    assert (_draws(Sampler(index, None, seed=6), 0, 40) != whole).any()
    # Far along, as in a long run.
    assert len(_draws(Sampler(index, None, seed=5), 10**12, 7)) == 7


def test_nobody_to_draw(index, tmp_path):
    with pytest.raises(ValueError, match="stranger"):
        Sampler(index, [(index.names[0], "stranger")], seed=0)
    with pytest.raises(ValueError, match="no pairs"):
        Sampler(index, [], seed=0)
    market_folder(tmp_path / "alone", people=3)
    for name in index.names[1:3]:
        (tmp_path / "alone" / "train" / name).unlink()
    with pytest.raises(ValueError, match="at least two people"):
        Sampler(load_people(tmp_path / "alone", "train", CANVAS), None, seed=0)
