"""A call in its own process: what it prints, how it fails, how it is stopped."""

from __future__ import annotations

import functools
import os
import time

import pytest

from spt_tf.ablation.processes import JobFailed, JobStopped, in_own_process


def test_a_call_runs_apart_and_its_words_go_to_the_log(tmp_path):
    log = tmp_path / "logs" / "job.txt"
    in_own_process(functools.partial(print, "done by somebody"), str(log))
    in_own_process(functools.partial(os.mkdir, tmp_path / "made"), str(log))
    assert log.read_text() == "done by somebody\n" and (tmp_path / "made").is_dir()


def test_an_error_is_told_with_its_log(tmp_path):
    log = tmp_path / "job.txt"
    with pytest.raises(JobFailed, match=r"status 1; see the end of .*job\.txt"):
        in_own_process(functools.partial(os.rmdir, tmp_path / "nowhere"), str(log))
    assert "FileNotFoundError" in log.read_text()


def test_when_the_time_is_up_the_call_is_stopped(tmp_path):
    started = time.monotonic()
    with pytest.raises(JobStopped):
        in_own_process(functools.partial(time.sleep, 600), str(tmp_path / "job.txt"), started + 1)
    assert time.monotonic() - started < 300
