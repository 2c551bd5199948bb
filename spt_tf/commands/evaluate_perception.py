"""Scores a finder of parsings and joints on a data directory's test people.

    python scripts/evaluate_perception.py --finder=runs/perception --data_dir=datasets/market

Writes metrics.json, tables.txt (a row a label, and a joint), failures.png and model_card.md to
<finder>/evaluation, or to --output_dir.
"""

from __future__ import annotations

import functools
import os

from absl import flags, logging

from spt_tf.commands.command import fail, run_command

FLAGS = flags.FLAGS


def define_flags() -> None:
    """Defines the flags, with their checks."""
    flags.DEFINE_string("finder", None, "Run directory of scripts/train_perception.py.", required=True)
    flags.DEFINE_string("data_dir", None, "Data directory whose test people are looked at.", required=True)
    flags.DEFINE_integer("limit", 0, "Only the first so many people; 0 for all.", lower_bound=0)
    flags.DEFINE_bool("flip_test", False, "Look at mirror images too: better, at twice the time.")
    flags.DEFINE_string("output_dir", None, "Default: <finder>/evaluation.")


def main(argv: list[str]) -> None:
    """Scores; bad input ends in one line and exit status 2."""
    # TensorFlow loads once the flags are known to be good.
    from spt_tf.evaluation.finder_report import FinderPlan, evaluate_finder, tables_text

    logging.set_verbosity(logging.INFO)
    output_dir = FLAGS.output_dir or os.path.join(FLAGS.finder, "evaluation")
    try:
        results = evaluate_finder(
            FinderPlan(FLAGS.finder, FLAGS.data_dir, output_dir, FLAGS.limit, FLAGS.flip_test)
        )
    except (ValueError, OSError) as error:
        fail(error)
    print(tables_text(results))
    print(f"results in {output_dir}")


run = functools.partial(run_command, __doc__, define_flags, main)
