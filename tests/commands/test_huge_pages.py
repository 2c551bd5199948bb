"""A command that trains begins anew, once, where malloc has to be told to ask for huge pages."""

from __future__ import annotations

import os
import pathlib
import subprocess
import sys

import pytest

ROOT = pathlib.Path(__file__).resolve().parents[2]
# A command, on a system that says of huge pages what the environment says; prints what it was begun with.
COMMAND = """
import os, pathlib, sys
from absl import flags
from spt_tf.commands import huge_pages
from spt_tf.commands.command import run_command

if "MODE" in os.environ:
    mode = pathlib.Path(os.environ["FOLDER"], "enabled")
    mode.write_text(os.environ["MODE"])
    huge_pages._MODE = mode
else:
    huge_pages._MODE = pathlib.Path(os.environ["FOLDER"], "nowhere")
if os.environ.get("OLD_PYTHON"):
    del sys.orig_argv

def main(argv):
    print(flags.FLAGS.number, sys.flags.optimize, os.environ.get("GLIBC_TUNABLES", ""), os.environ["PID"])

os.environ["PID"] = os.environ.get("PID", "") + f"{os.getpid()} "
define = lambda: flags.DEFINE_integer("number", 0, "A number.")
run_command("Says what it says.", define, main, huge_pages=HUGE)
"""
knows_its_command = pytest.mark.skipif(sys.version_info < (3, 10), reason="sys.orig_argv is of Python 3.10")


def _said(tmp_path: pathlib.Path, *, huge: bool = True, **environment: str) -> list[str]:
    """number, optimize, tunables, and the process's number as often as it began."""
    ours = {name: value for name, value in os.environ.items() if name != "GLIBC_TUNABLES"}
    command = [sys.executable, "-O", "-c", COMMAND.replace("HUGE", str(huge)), "--number=7"]
    given = {**ours, "FOLDER": str(tmp_path), **environment}
    done = subprocess.run(command, cwd=ROOT, env=given, check=True, capture_output=True, text=True)
    number, optimize, tunables, pids = done.stdout.rstrip("\n").split(" ", 3)
    assert (number, optimize) == ("7", "1")  # the command line is the same, and Python's own options
    return [tunables, *pids.split()]


@knows_its_command
def test_it_begins_anew_as_the_same_process_where_huge_pages_are_asked_for(tmp_path):
    tunables, first, second = _said(tmp_path, MODE="always [madvise] never\n")
    assert tunables == "glibc.malloc.hugetlb=1"
    assert first == second  # whoever waits for it, or stops it, knows it by its number


@knows_its_command
def test_other_tunables_stay(tmp_path):
    given = "glibc.malloc.check=0"
    tunables, *times = _said(tmp_path, MODE="always [madvise] never\n", GLIBC_TUNABLES=given)
    assert tunables == f"{given}:glibc.malloc.hugetlb=1" and len(times) == 2


def test_who_has_said_something_about_them_is_left_alone(tmp_path):
    given = "glibc.malloc.hugetlb=0"
    tunables, *times = _said(tmp_path, MODE="always [madvise] never\n", GLIBC_TUNABLES=given)
    assert tunables == given and len(times) == 1


@pytest.mark.parametrize("mode", ["[always] madvise never\n", "always madvise [never]\n", None])
def test_nothing_happens_where_asking_changes_nothing(tmp_path, mode):
    tunables, *times = _said(tmp_path, **({"MODE": mode} if mode else {}))
    assert tunables == "" and len(times) == 1


def test_nothing_happens_where_python_does_not_know_its_command_line(tmp_path):
    tunables, *times = _said(tmp_path, MODE="always [madvise] never\n", OLD_PYTHON="1")
    assert tunables == "" and len(times) == 1


def test_other_commands_begin_once(tmp_path):
    tunables, *times = _said(tmp_path, huge=False, MODE="always [madvise] never\n")
    assert tunables == "" and len(times) == 1
