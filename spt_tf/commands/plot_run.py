"""Draws the curves of one or several runs as one PNG: python scripts/plot_run.py RUN... [--output=curves.png]

Losses, discriminators' logits, gradient norms and how often they were clipped, and held-out scores
(--validate_every), by stage; each run has a colour. A run may still be going on.
"""

from __future__ import annotations

import functools
import os

from absl import flags

from spt_tf.commands.command import fail, run_command
from spt_tf.data.atomic_write import write_whole


def define_flags() -> None:
    """Defines the flags."""
    flags.DEFINE_string("output", "", "PNG to write; empty: curves.png in the (first) run directory.")


def main(argv: list[str]) -> None:
    """Draws; bad input ends in one line and exit status 2."""
    from spt_tf.curves import plot_runs  # matplotlib is slow to load

    runs = argv[1:]
    if not runs:
        fail("expected one or several run directories")
    path = flags.FLAGS.output or os.path.join(runs[0], "curves.png")
    try:
        write_whole(path, plot_runs(runs))
    except (ValueError, OSError) as error:
        fail(error)
    print(path)


run = functools.partial(run_command, __doc__, define_flags, main, takes_arguments=True)
