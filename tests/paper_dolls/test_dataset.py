"""The data set of paper dolls: Market-1501's layout, whole or not there at all."""

from __future__ import annotations

import contextlib
import csv
import pickle
import types
from pathlib import Path

import cv2
import numpy as np
import pytest

from spt_tf.data.annotations import read_annotations, read_pairs
from spt_tf.data.parsing_maps import read_parsing_map
from spt_tf.paper_dolls import dataset
from spt_tf.paper_dolls.dataset import DatasetPlan, write_dataset
from spt_tf.paper_dolls.people import draw_test_person

PLAN = DatasetPlan(canvas=(64, 32), seed=1, num_train=5, num_test_pairs=3)


@pytest.fixture(scope="module")
def folder(tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("data") / "dolls"
    write_dataset(folder, PLAN)
    return folder


def contents(folder: Path) -> dict[str, bytes]:
    return {str(p.relative_to(folder)): p.read_bytes() for p in sorted(folder.rglob("*")) if p.is_file()}


def test_layout_is_market_1501s(folder):
    train, test = (read_annotations(folder / f"market-annotation-{split}.csv") for split in ("train", "test"))
    assert len(train) == 5 and len(test) == 6
    for split, people in (("train", train), ("test", test)):
        for name in people:
            assert cv2.imread(str(folder / split / name)).shape == (64, 32, 3)
            labels = read_parsing_map(folder / "parsing" / split / f"{Path(name).stem}.png")
            assert labels.shape == (64, 32)
    assert list(folder.parent.iterdir()) == [folder]  # nothing partial is left behind


def test_training_people_are_all_different_and_test_people_come_in_pairs(folder):
    train = [name[:4] for name in read_annotations(folder / "market-annotation-train.csv")]
    pairs = read_pairs(folder / "market-pairs-test.csv")
    assert len(set(train)) == len(train)
    assert len(pairs) == 3 and all(a[:4] == b[:4] and a != b for a, b in pairs)
    assert not {a[:4] for a, _ in pairs} & set(train)


def test_files_hold_what_was_drawn(folder):
    (source, target), expected = (
        read_pairs(folder / "market-pairs-test.csv")[2],
        draw_test_person(1, 2, (64, 32)),
    )
    keypoints = read_annotations(folder / "market-annotation-test.csv")
    for name, doll in zip((source, target), expected):
        np.testing.assert_array_equal(keypoints[name], doll.picture.keypoints)
        labels = read_parsing_map(folder / "parsing" / "test" / f"{Path(name).stem}.png")
        np.testing.assert_array_equal(labels, doll.picture.parsing)
        read = cv2.imread(str(folder / "test" / name))[..., ::-1].astype(int)
        assert np.abs(read - doll.picture.image).mean() < 6  # JPEG; swapped channels would be far beyond


def test_attributes_name_every_image(folder):
    with open(folder / "attributes.csv", newline="") as file:
        rows = list(csv.DictReader(file))
    assert [row["split"] for row in rows] == ["train"] * 5 + ["test"] * 6
    assert [row["pair_changes_view"] for row in rows] == [""] * 5 + ["1", "1", "0", "0", "0", "0"]


def test_processes_do_not_matter(folder, tmp_path):
    write_dataset(tmp_path / "dolls", PLAN, processes=2)
    assert contents(tmp_path / "dolls") == contents(folder)


def test_nothing_is_overwritten(tmp_path):
    (tmp_path / "kept.txt").write_text("mine")
    with pytest.raises(FileExistsError, match="not empty"):
        write_dataset(tmp_path, PLAN)
    assert contents(tmp_path) == {"kept.txt": b"mine"}


def test_a_failure_leaves_nothing(tmp_path):
    def fail(done: int, total: int) -> None:
        raise RuntimeError("stopped")

    with pytest.raises(RuntimeError, match="stopped"):
        write_dataset(tmp_path / "dolls", PLAN, report=fail)
    assert list(tmp_path.iterdir()) == []


def test_training_pairs_are_the_same_people_once_more(folder, tmp_path):
    write_dataset(tmp_path / "pairs", PLAN._replace(train_pairs=True))
    alone, paired = contents(folder), contents(tmp_path / "pairs")
    tables = {"market-annotation-train.csv", "market-pairs-train.csv", "attributes.csv"}
    assert all(paired[name] == data for name, data in alone.items() if name not in tables)
    pairs = read_pairs(tmp_path / "pairs" / "market-pairs-train.csv")
    assert [source for source, _ in pairs] == list(read_annotations(folder / "market-annotation-train.csv"))
    keypoints = read_annotations(tmp_path / "pairs" / "market-annotation-train.csv")
    with open(tmp_path / "pairs" / "attributes.csv", newline="") as file:
        looks = {row.pop("name"): row for row in csv.DictReader(file)}
    for source, target in pairs:
        assert np.abs(keypoints[source] - keypoints[target]).max() > 1
        changes = looks[source]["view"] != looks[target]["view"]
        assert looks[source]["pair_changes_view"] == looks[target]["pair_changes_view"] == str(int(changes))
        for attribute in ("sleeves", "bottom", "top_pattern", "top_colour", "bottom_colour", "skin_colour"):
            assert looks[source][attribute] == looks[target][attribute]
    assert any(looks[source]["view"] != looks[target]["view"] for source, target in pairs)


def test_a_plan_of_many_poses_is_sent_to_a_worker_once(tmp_path, monkeypatch):
    """Not with every sixteen jobs: of 12,000 poses that took minutes before the first picture."""
    sent = []

    class Pool(contextlib.AbstractContextManager):
        def __init__(self, processes, initializer, initargs):
            initializer(*initargs)

        def __exit__(self, *_):
            pass

        def imap(self, work, jobs, chunksize):
            sent.append(len(pickle.dumps(work)))
            return map(work, jobs)

    context = types.SimpleNamespace(Pool=Pool)
    monkeypatch.setattr(dataset.multiprocessing, "get_context", lambda kind: context)
    dataset.write_dataset(tmp_path / "dolls", DatasetPlan((64, 32), 0, 2, 1), processes=2)
    assert sent and max(sent) < 200
    assert len(list((tmp_path / "dolls").rglob("*.jpg"))) == 4
