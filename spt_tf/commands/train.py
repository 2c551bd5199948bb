"""Trains SPT: python scripts/train.py --flagfile=market.flags --data_dir=... --run_dir=...

A nested --flagfile path resolves against the working directory: call it from the project's root.
"""

from __future__ import annotations

import functools

from spt_tf.commands.command import fail, run_command
from spt_tf.commands.run_training import run_training
from spt_tf.config import ConfigError
from spt_tf.flags import define_flags, experiment_from_flags


def main(argv: list[str]) -> None:
    """Parses the flags and trains; bad input ends in one line and exit status 2."""
    try:
        experiment, run = experiment_from_flags()
    except ConfigError as error:
        fail(error)
    from spt_tf.evaluation.held_out import load_held_out
    from spt_tf.training import stages  # TensorFlow loads only once the flags are known to be good
    from spt_tf.training.strategy import make_strategy

    def train() -> None:
        strategy = make_strategy()
        validator = load_held_out(experiment, run) if run.validate_every else None
        stages.train(experiment, run, validator, strategy)

    run_training(train)


run = functools.partial(run_command, __doc__, define_flags, main)
