"""The first hundreds of `scripts/bench/hostile.py`'s files, and that it sees what does not hold."""

from __future__ import annotations

import random

import numpy as np
import pytest

from hostile_bytes import damaged
from hostile_files import attack_readers
from tests.untrained_run import write_untrained_run


@pytest.fixture(scope="module")
def run_dir(tmp_path_factory):
    folder = tmp_path_factory.mktemp("run")
    write_untrained_run(folder, (32, 32))
    return str(folder)


def test_damaged_files(run_dir):
    tally = attack_readers(run_dir, count=600, seed=1)
    assert (tally.crashes, tally.accepted) == ([], [])
    assert sum(tally.counts.values()) == 600
    refused = {name for name in tally.counts if name.endswith(": refused")}
    assert len(refused) == 19  # every kind
    assert any(name.endswith(": read") for name in tally.counts)


@pytest.mark.parametrize(
    ("reader", "fault", "found"),
    [
        (lambda path: np.zeros((2, 2)), "accepted", "a.png: read as"),
        (lambda path: 1 // 0, "crashes", "a.png: ZeroDivisionError"),
    ],
)
def test_a_reader_that_breaks_its_word_is_caught(run_dir, monkeypatch, reader, fault, found):
    monkeypatch.setattr("spt_tf.data.images.read_image", reader)
    tally = attack_readers(run_dir, count=5, seed=1, only="a.png")
    assert getattr(tally, fault) and all(said.startswith(found) for said in getattr(tally, fault))


def test_damage_is_damage_and_the_same_for_a_seed():
    contents = [damaged(b"0123456789" * 20, random.Random(seed)) for seed in range(300)]
    assert b"0123456789" * 20 not in contents
    assert len(set(contents)) > 250
    assert contents == [damaged(b"0123456789" * 20, random.Random(seed)) for seed in range(300)]
    assert damaged(b"", random.Random(0))
