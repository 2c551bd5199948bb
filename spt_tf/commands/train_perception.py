"""Trains the network that finds people's parsings and joints in bare photos.

    python scripts/train_perception.py --flagfile=perception.flags --run_dir=runs/perception

Without --data_dir it learns from paper dolls, drawn while it learns. Everything that is done with photos
takes its run directory as --finder.
"""

from __future__ import annotations

import functools

from spt_tf.commands.command import fail, run_command
from spt_tf.commands.run_training import run_training
from spt_tf.config import ConfigError
from spt_tf.config.perception import FinderOptions, PeopleOptions, PerceptionConfig, PerceptionRun
from spt_tf.flags import define_group, read_group


def define_flags() -> None:
    """Defines one flag for every option."""
    for group in (PeopleOptions, FinderOptions, PerceptionRun):
        define_group(group)


def config_from_flags() -> PerceptionConfig:
    """The parsed flags as a configuration; raises ConfigError in one clear line."""
    return PerceptionConfig(read_group(PeopleOptions), read_group(FinderOptions))


def main(argv: list[str]) -> None:
    """Parses the flags and trains; bad input ends in one line and exit status 2."""
    try:
        config, run = config_from_flags(), read_group(PerceptionRun)
    except ConfigError as error:
        fail(error)
    # TensorFlow loads only once the flags are known to be good
    from spt_tf.evaluation.finder_scores import held_out_scores
    from spt_tf.perception.train import train_finder

    run_training(
        lambda: train_finder(config, run, held_out_scores(config, run) if run.validate_every else None)
    )


run = functools.partial(run_command, __doc__, define_flags, main)
