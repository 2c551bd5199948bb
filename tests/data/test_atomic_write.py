"""Files whole or not at all."""

from __future__ import annotations

import fcntl
import os
import signal
import subprocess
import sys

import pytest

from spt_tf.data.atomic_write import remove_partials, write_whole


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


DIES = """
import os, signal, sys
from spt_tf.data.atomic_write import write_whole
os.replace = lambda *_: os.kill(os.getpid(), signal.SIGKILL)
write_whole(sys.argv[1], b"half")
"""


def test_what_a_killed_process_left_is_removed_and_what_is_being_written_is_not(tmp_path, monkeypatch):
    killed = subprocess.run([sys.executable, "-c", DIES, tmp_path / "dead.bin"], check=False)
    assert killed.returncode == -signal.SIGKILL
    [left] = os.listdir(tmp_path)
    assert left.startswith(".dead.bin.") and left.endswith(".partial")
    replace = os.replace

    def clean_and_replace(partial, path):
        remove_partials(tmp_path)
        assert os.listdir(tmp_path) == [os.path.basename(partial)]
        replace(partial, path)

    monkeypatch.setattr(os, "replace", clean_and_replace)
    write_whole(tmp_path / "alive.bin", b"whole")
    assert os.listdir(tmp_path) == ["alive.bin"]
    remove_partials(tmp_path / "no folder")


def test_the_first_file_of_a_process_clears_what_killed_ones_left(tmp_path):
    subprocess.run([sys.executable, "-c", DIES, tmp_path / "dead.bin"], check=False)
    assert len(os.listdir(tmp_path)) == 1
    theirs = {".photo.jpg.partial", ".x.abcdefgh.part", "a.abcdefgh.partial", ".a.abcdefgh.partial.zip"}
    for name in theirs:
        (tmp_path / name).touch()
    write_whole(tmp_path / "other.bin", b"whole")
    assert set(os.listdir(tmp_path)) == {"other.bin", *theirs}


def test_a_partial_file_removed_before_it_was_locked_is_begun_again(tmp_path, monkeypatch):
    lock = fcntl.flock

    def clean_and_lock(descriptor, operation):
        monkeypatch.setattr(fcntl, "flock", lock)
        remove_partials(tmp_path)
        lock(descriptor, operation)

    monkeypatch.setattr(fcntl, "flock", clean_and_lock)
    write_whole(tmp_path / "a.bin", b"whole")
    assert os.listdir(tmp_path) == ["a.bin"] and (tmp_path / "a.bin").read_bytes() == b"whole"


def test_the_longest_name_can_be_written(tmp_path):
    write_whole(tmp_path / ("n" * 255), b"whole")
    assert os.listdir(tmp_path) == ["n" * 255]
