"""Judges a run's texture transfers, parsing edits and sequences by paper dolls drawn as they should look.

    python scripts/evaluate_applications.py --run_dir=runs/demo

Writes applications.txt, applications.json, texture_transfer.png, parsing_edits.png, sequence.png and
sequence.gif to <run_dir>/evaluation/applications. The run must have learned from paper dolls; test dolls of
other seeds than its data's are new to it.
"""

from __future__ import annotations

import functools
import os

from absl import flags, logging

from spt_tf.commands.command import fail, run_command

FLAGS = flags.FLAGS


def define_flags() -> None:
    """Defines the flags, with their checks."""
    flags.DEFINE_string("run_dir", None, "Run directory of scripts/train.py.", required=True)
    flags.DEFINE_string("output_dir", None, "Default: <run_dir>/evaluation/applications.")
    flags.DEFINE_integer("seed", 12, "Of the dolls that are drawn.", lower_bound=0)
    flags.DEFINE_integer("exchanges", 200, "Pairs of people between whom garments go.", lower_bound=1)
    flags.DEFINE_integer("edited", 60, "People who are edited, each in every way.", lower_bound=1)
    flags.DEFINE_integer("movements", 10, "Dolls that move.", lower_bound=1)
    flags.DEFINE_integer("frames", 24, "Frames of each movement.", lower_bound=3)
    flags.DEFINE_string(
        "image_parser",
        None,
        "Run directory of scripts/train_perception.py: a finder that says which labels it sees in pictures. "
        "Without it seen and iou are left out.",
    )


def main(argv: list[str]) -> None:
    """Measures; bad input ends in one line and exit status 2."""
    logging.set_verbosity(logging.INFO)
    try:
        text, output_dir = _evaluate()
    except (ValueError, OSError) as error:
        fail(error)
    print(text)
    print(f"tables and pictures in {output_dir}")


def _evaluate() -> tuple[str, str]:
    from spt_tf.applications.person_picture import load_painter
    from spt_tf.evaluation.applications.evaluate_applications import (
        ApplicationsPlan,
        evaluate_applications,
    )

    run = load_painter(FLAGS.run_dir, predicts_parsing=True)
    output_dir = FLAGS.output_dir or os.path.join(FLAGS.run_dir, "evaluation", "applications")
    plan = ApplicationsPlan(
        output_dir,
        FLAGS.seed,
        FLAGS.exchanges,
        FLAGS.edited,
        FLAGS.movements,
        FLAGS.frames,
        FLAGS.image_parser,
    )
    return evaluate_applications(run, plan), output_dir


run = functools.partial(run_command, __doc__, define_flags, main)
