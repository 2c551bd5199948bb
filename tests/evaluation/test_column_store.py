"""Columns on disk: what is carried on from, and what is begun anew."""

from __future__ import annotations

import numpy as np
import pytest

from spt_tf.evaluation.column_store import ColumnStore

IDENTITY = {"step": 3, "weights": ("x",)}


def _rows(start, stop):
    numbers = np.arange(start, stop)
    return {
        "ours/psnr/psnr": np.where(numbers == 1, np.inf, numbers / 3),
        "ours/pckh/counts": np.stack([numbers, -numbers], axis=1),
        "ours/inception/features": (numbers[:, None, None] * np.ones((1, 2, 3))).astype(np.float32),
    }


def _assert_holds(store, count):
    assert store.rows == count
    for name, values in _rows(0, count).items():
        read = store.read(name)
        assert read.dtype == values.dtype
        np.testing.assert_array_equal(read, values)


def test_a_store_carries_on_behind_half_a_row(tmp_path):
    folder = tmp_path / "new" / "scores"
    store = ColumnStore(folder, IDENTITY)
    store.append(_rows(0, 2))
    store.append(_rows(2, 3))
    _assert_holds(store, 3)
    # a kill between two columns, in the middle of a number
    with open(folder / "ours.psnr.psnr.bin", "ab") as file:
        file.write(b"0123456789")
    again = ColumnStore(folder, IDENTITY)
    _assert_holds(again, 3)
    again.append(_rows(3, 5))
    _assert_holds(ColumnStore(folder, IDENTITY), 5)
    (folder / "ours.pckh.counts.bin").write_bytes(_rows(0, 4)["ours/pckh/counts"].tobytes())
    _assert_holds(ColumnStore(folder, IDENTITY), 4)
    assert ColumnStore(folder, {**IDENTITY, "step": 4}).rows == 0
    assert not list(folder.glob("*.bin"))


def test_a_result_takes_the_place_of_columns(tmp_path):
    store = ColumnStore(tmp_path, IDENTITY)
    store.append(_rows(0, 4))
    store.replace(["ours/inception/features"], {"ours": {"fid": 0.1 + 0.2}})
    again = ColumnStore(tmp_path, IDENTITY)
    assert again.result == store.result == {"ours": {"fid": 0.1 + 0.2}}
    assert again.names == ("ours/psnr/psnr", "ours/pckh/counts") and again.rows == 4
    assert not (tmp_path / "ours.inception.features.bin").exists()
    again.replace(again.names, {"ours": {}})
    assert ColumnStore(tmp_path, IDENTITY).rows == 4
    again.clear()
    assert again.rows == 0 and again.result is None and not again.names


def test_an_index_of_something_else_is_begun_anew(tmp_path):
    (tmp_path / "index.json").write_text('{"identity": ')
    (tmp_path / "stray.bin").write_bytes(b"1")
    store = ColumnStore(tmp_path, IDENTITY)
    assert store.rows == 0 and not list(tmp_path.glob("*.bin"))


@pytest.mark.parametrize(
    ("before", "after"), [('"<f8"', '"<-1"'), ('"rows"', '"cows"'), ('"columns": {', '"columns": {"a": 3, ')]
)
def test_a_damaged_index_is_begun_anew(tmp_path, before, after):
    ColumnStore(tmp_path, IDENTITY).append(_rows(0, 2))
    index = tmp_path / "index.json"
    assert before in index.read_text()
    index.write_text(index.read_text().replace('"result": null', '"result": {}').replace(before, after))
    assert ColumnStore(tmp_path, IDENTITY).rows == 0
    index.write_text("[" * 100_000)
    assert ColumnStore(tmp_path, IDENTITY).rows == 0


def test_rows_must_be_of_one_kind(tmp_path):
    store = ColumnStore(tmp_path, IDENTITY)
    store.append(_rows(0, 2))
    short = {name: values[:1] if "psnr" in name else values for name, values in _rows(2, 4).items()}
    other = {name: values.astype(np.float32) for name, values in _rows(2, 4).items()}
    fewer = dict(list(_rows(2, 4).items())[:2])
    for wrong in (short, other, fewer):
        with pytest.raises(ValueError, match="expected rows of"):
            store.append(wrong)
    _assert_holds(ColumnStore(tmp_path, IDENTITY), 2)
