"""How tests carry out a run."""

import os
import signal

from spt_tf.config import RunConfig
from spt_tf.training.callbacks import ScalarLog


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
