"""How tests carry out a run, and compare two."""

from __future__ import annotations

import json
import os
import pathlib
import signal

import numpy as np

from spt_tf.config import RunConfig
from spt_tf.training.scalar_log import WALL_CLOCK, ScalarLog


def run_options(run_dir, **changes) -> RunConfig:
    """A RunConfig that logs and saves every second step."""
    options = dict(run_dir=str(run_dir), log_every=2, checkpoint_every=2, panel_every=4)
    return RunConfig(**{**options, **changes})


def send_sigterm_at(monkeypatch, step: int, number: int = signal.SIGTERM) -> None:
    """This process gets a SIGTERM, or signal `number`, as soon as that step of a stage has been logged."""
    log_step = ScalarLog.after_step

    def log_and_kill(self, done, logs):
        log_step(self, done, logs)
        if done == step:
            os.kill(os.getpid(), number)

    monkeypatch.setattr(ScalarLog, "after_step", log_and_kill)


def logged_lines(run_dir, stage: str | None = None) -> list[dict]:
    """The lines of a run's `metrics.jsonl`, or of one stage of it."""
    text = (pathlib.Path(run_dir) / "metrics.jsonl").read_text(encoding="utf8")
    lines = [json.loads(line) for line in text.splitlines()]
    return [line for line in lines if stage in (None, line["stage"])]


def assert_same_lines(left: list[dict], right: list[dict], rtol: float = 1e-4) -> None:
    """Both runs logged the same numbers at the same steps, but for those of the wall clock."""
    assert [(line["stage"], line["step"]) for line in left] == [(e["stage"], e["step"]) for e in right]
    for one, other in zip(left, right):
        assert one.keys() - WALL_CLOCK == other.keys() - WALL_CLOCK
        for term in one.keys() - WALL_CLOCK - {"stage"}:
            np.testing.assert_allclose(one[term], other[term], rtol=rtol, err_msg=term)
