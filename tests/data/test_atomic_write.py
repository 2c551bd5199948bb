"""Files whole or not at all."""

from __future__ import annotations

import os

import pytest

from spt_tf.data.atomic_write import write_whole


def test_a_file_is_written_replaced_and_readable_by_all(tmp_path):
    file = tmp_path / "new" / "folder" / "a.bin"
    for content in (b"first", b"second, and longer"):
        write_whole(file, content)
        assert file.read_bytes() == content
    assert file.stat().st_mode & 0o777 == 0o644
    assert os.listdir(file.parent) == ["a.bin"]


@pytest.mark.parametrize("step", ["chmod", "replace"])
def test_a_failure_leaves_the_old_file_and_no_partial_one(tmp_path, monkeypatch, step):
    file = tmp_path / "a.bin"
    file.write_bytes(b"old")

    def fail(*_):
        raise OSError("disk full")

    monkeypatch.setattr(os, step, fail)
    with pytest.raises(OSError, match="disk full"):
        write_whole(file, b"new")
    assert file.read_bytes() == b"old"
    assert os.listdir(tmp_path) == ["a.bin"]
