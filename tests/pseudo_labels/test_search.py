"""The search as a whole."""

from __future__ import annotations

import csv
import dataclasses

import numpy as np
import pytest

from spt_tf.pseudo_labels import search as module
from spt_tf.pseudo_labels.label_energy import label_energy
from spt_tf.pseudo_labels.packed_people import pack_people
from spt_tf.pseudo_labels.pose_distance import pose_distance
from spt_tf.pseudo_labels.search import merge_shards, search_pseudo_labels
from spt_tf.pseudo_labels.settings import SearchError, SearchSettings
from tests.pseudo_labels.crowd import make_crowd

NUMBER = 50


@pytest.fixture(scope="module")
def crowd():
    return make_crowd(NUMBER)


@pytest.fixture(scope="module")
def whole(crowd, tmp_path_factory):
    output = tmp_path_factory.mktemp("whole") / "deep" / "pairs.csv"
    assert search_pseudo_labels(crowd, output, top_k=3) == NUMBER
    return output


class Interrupted(Exception):
    pass


def _rows(path):
    with open(path, newline="") as file:
        return [(row["from"], row["to"], float(row["energy"])) for row in csv.DictReader(file)]


def _interrupt_after(monkeypatch, blocks):
    """Makes the search stop after some blocks of 16; returns the list of queries searched for."""
    real, searched = module.search_block, []

    def search_block(prepared, queries, settings):
        if len(searched) // 16 == blocks:
            raise Interrupted
        searched.extend(queries)
        return real(prepared, queries, settings)

    monkeypatch.setattr(module, "_MOST_QUERIES_AT_A_TIME", 16)
    monkeypatch.setattr(module, "search_block", search_block)
    return searched


@pytest.mark.parametrize("per_pixel", [False, True])
def test_finds_the_least_of_all(crowd, tmp_path, per_pixel):
    search_pseudo_labels(crowd, tmp_path / "pairs.csv", top_k=3, min_pose_distance=0.05, per_pixel=per_pixel)
    people = pack_people(crowd, 1 << 30)
    queries, candidates = np.divmod(np.arange(NUMBER**2), NUMBER)
    energy = label_energy(people, queries, candidates).reshape(NUMBER, NUMBER)
    if per_pixel:
        energy /= people.areas.sum(axis=1)
    distance = pose_distance(crowd.keypoints, crowd.keypoints).numpy()
    energy[(distance < 0.05 * crowd.canvas[0]) | np.eye(NUMBER, dtype=bool)] = np.inf
    rows = _rows(tmp_path / "pairs.csv")
    assert [row[0] for row in rows] == [name for name in crowd.names for _ in range(3)]
    best = np.argsort(energy, axis=1)[:, :3]
    assert [row[1] for row in rows] == [crowd.names[i] for i in best.ravel()]
    np.testing.assert_allclose([row[2] for row in rows], np.sort(energy, axis=1)[:, :3].ravel(), atol=1e-3)


def test_leaves_nothing_but_the_csv(whole):
    assert [path.name for path in whole.parent.iterdir()] == ["pairs.csv"]


def test_does_not_depend_on_the_block_size(crowd, whole, tmp_path, monkeypatch):
    monkeypatch.setattr(module, "_MOST_QUERIES_AT_A_TIME", 7)
    search_pseudo_labels(crowd, tmp_path / "pairs.csv", top_k=3, memory_gb=0.1)
    assert (tmp_path / "pairs.csv").read_bytes() == whole.read_bytes()


def test_two_shards_equal_one_run(crowd, whole, tmp_path):
    output = tmp_path / "pairs.csv"
    settings = SearchSettings(top_k=3)
    assert search_pseudo_labels(crowd, output, top_k=3, shard=1, num_shards=2) is None
    assert not output.exists()
    with pytest.raises(SearchError, match=r"25 of 50 people .* 0000.jpg .* a shard is not finished"):
        merge_shards(crowd, output, settings)
    assert search_pseudo_labels(crowd, output, top_k=3, shard=0, num_shards=2) is None
    assert merge_shards(crowd, output, settings) == NUMBER
    assert output.read_bytes() == whole.read_bytes()


def test_carries_on_where_it_was_interrupted(crowd, whole, tmp_path, monkeypatch):
    output = tmp_path / "pairs.csv"
    with monkeypatch.context() as patch:
        _interrupt_after(patch, blocks=2)
        with pytest.raises(Interrupted):
            search_pseudo_labels(crowd, output, top_k=3)
    searched = _interrupt_after(monkeypatch, blocks=9)
    search_pseudo_labels(crowd, output, top_k=3)
    assert sorted(searched) == list(range(32, NUMBER))
    assert output.read_bytes() == whole.read_bytes()


def _leave_a_part(crowd, output, monkeypatch):
    with monkeypatch.context() as patch:
        _interrupt_after(patch, blocks=1)
        with pytest.raises(Interrupted):
            search_pseudo_labels(crowd, output)


def test_refuses_a_part_of_another_search(crowd, tmp_path, monkeypatch):
    output = tmp_path / "pairs.csv"
    _leave_a_part(crowd, output, monkeypatch)
    with pytest.raises(SearchError, match=r"another data.*delete it"):
        search_pseudo_labels(make_crowd(NUMBER, seed=1), output)
    with pytest.raises(SearchError, match=r"another min_pose_distance"):
        search_pseudo_labels(crowd, output, min_pose_distance=0.1)


def test_names_a_damaged_block(crowd, tmp_path, monkeypatch):
    output = tmp_path / "pairs.csv"
    _leave_a_part(crowd, output, monkeypatch)
    (tmp_path / "pairs.csv.parts" / "000000.npz").write_bytes(b"PK not")
    with pytest.raises(SearchError, match=r"000000.npz is damaged"):
        search_pseudo_labels(crowd, output)


def test_says_when_all_poses_are_alike(crowd, tmp_path):
    with pytest.raises(SearchError, match="lower min_pose_distance"):
        search_pseudo_labels(crowd, tmp_path / "pairs.csv", min_pose_distance=0.9)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"top_k": 0}, "top_k must be at least 1"),
        ({"top_k": 30}, "shortlist of 24 cannot give the best 30"),
        ({"min_pose_distance": -0.1}, r"min_pose_distance must be in \[0, 1\)"),
        ({"shard": 2, "num_shards": 2}, "shards run from 0 to 1"),
        ({"memory_gb": 0.0}, "memory"),
    ],
)
def test_refuses_bad_arguments(crowd, tmp_path, arguments, message):
    with pytest.raises(SearchError, match=message):
        search_pseudo_labels(crowd, tmp_path / "pairs.csv", **arguments)


def test_needs_two_people_with_torsos(crowd, tmp_path):
    with pytest.raises(SearchError, match="at least two people"):
        search_pseudo_labels(make_crowd(1), tmp_path / "pairs.csv")
    keypoints = crowd.keypoints.copy()
    keypoints[3, 8] = -1
    with pytest.raises(SearchError, match="four torso joints"):
        search_pseudo_labels(dataclasses.replace(crowd, keypoints=keypoints), tmp_path / "pairs.csv")
