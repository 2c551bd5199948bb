"""Lists of pairs as people and programs leave them."""

from __future__ import annotations

import os

import pytest

from spt_tf.data.file_reading import UnreadableFile
from spt_tf.serving.pair_rows import PairRows, read_pair_rows, without_result


def _read(tmp_path, content: bytes) -> PairRows:
    (tmp_path / "pairs.csv").write_bytes(content)
    return read_pair_rows(tmp_path / "pairs.csv")


@pytest.mark.parametrize(
    "content",
    [
        b"from,to\na.png,b.png\nc.png,d.png\n",
        b"\xef\xbb\xbffrom, to\r\na.png,b.png\r\n\r\nc.png , d.png\r\n",
        b'\nfrom,to,energy\n"a.png",b.png,3\n,,\nc.png,d.png,"7"',
    ],
)
def test_every_form_of_a_list(tmp_path, content):
    assert _read(tmp_path, content) == ([("a.png", "b.png"), ("c.png", "d.png")], [])


def test_an_unclosed_quote_costs_its_own_row_only(tmp_path):
    rows = _read(tmp_path, b'from,to\na.png,"b.png\nc.png,d.png\n"e.png,f.png\ng.png,"h"i\nk.png,l.png\n')
    assert rows.pairs == [("c.png", "d.png"), ("k.png", "l.png")]
    assert [row.reason.partition(":")[0] for row in rows.failed] == ["row 2", "row 4", "row 5"]
    assert rows.failed[0].source == 'a.png,"b.png'


def test_a_field_without_end_costs_its_own_row_only(tmp_path):
    rows = _read(tmp_path, b"from,to\n" + b"x" * 200_000 + b",b.png\nc.png,d.png\n")
    assert rows.pairs == [("c.png", "d.png")]
    assert len(rows.failed) == 1 and len(rows.failed[0].source) == 80


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "row 1: expected a header"),
        (b"to,from\n", "row 1: expected a header that begins 'from,to', found 'to,from'"),
        (b"from,to\n\xe9.png,b.png\n", "row 2: expected UTF-8"),
        ("from,to\na.png,b.png\n".encode("utf-16"), "row 1: expected UTF-8 text, found UTF-16"),
        (b"from,to\na.png,b.png\na\0.png,b.png\n", "row 3: expected text, found a NUL"),
    ],
)
def test_what_is_no_list_is_named_with_its_row(tmp_path, content, message):
    with pytest.raises(UnreadableFile, match=rf"pairs\.csv, {message}"):
        _read(tmp_path, content)


def test_a_folder_in_a_result_s_place_is_no_result(tmp_path):
    pairs = [("a.png", "b.png"), ("c.png", "d.png")]
    (tmp_path / "a___b.png").mkdir()
    (tmp_path / "c___d.png").write_bytes(b"there")
    assert without_result(pairs, tmp_path) == pairs[:1]
    assert without_result(pairs, os.path.join(tmp_path, "none")) == pairs
