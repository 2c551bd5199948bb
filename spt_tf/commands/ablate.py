"""Trains and scores the paper's ablations and comparators, over seeds: one table and one picture.

    python scripts/ablate.py --flagfile=ablation.flags

Flags are those of scripts/train.py for the whole method, from which the variants differ. Stopped by Ctrl-C,
SIGTERM or --max_hours, the same command carries on; more --seeds or --variants may be asked for later.
Results go to --output_dir: table.md, scores.csv, picture.png; logs/ holds what the jobs printed.
"""

from __future__ import annotations

import functools
import sys

from absl import flags

from spt_tf.ablation.plan import AblationPlan
from spt_tf.ablation.processes import JobFailed, JobStopped
from spt_tf.ablation.runner import run_ablation
from spt_tf.ablation.variants import CHANGES, PAPERS
from spt_tf.commands.command import fail, run_command
from spt_tf.flags import define_experiment_flags, experiment_with_data

FLAGS = flags.FLAGS


def define_flags() -> None:
    """Defines the flags, with their checks."""
    define_experiment_flags()
    flags.DEFINE_string("output_dir", None, "Where runs and results go.", required=True)
    flags.DEFINE_string(
        "paired_data_dir", "", "The same people in true pairs (make_paper_dolls.py --train_pairs)."
    )
    flags.DEFINE_integer("seeds", 3, "Trainings of each variant, by seeds 0, 1, ...", lower_bound=1)
    flags.DEFINE_list(
        "variants",
        list(PAPERS),
        f"Which of the rows; what improved.flags adds, each change alone: {','.join(CHANGES)}.",
    )
    flags.DEFINE_integer("limit", 0, "Only the first so many test pairs; 0 for all.", lower_bound=0)
    flags.DEFINE_integer("parser_steps", 1500, "Training of the image parser that judges.", lower_bound=1)
    flags.DEFINE_float("max_hours", 0.0, "Stop in good order after so long; 0: never.", lower_bound=0)


def main(argv: list) -> None:
    """Carries the ablation out; bad input ends in one line and exit status 2, a signal in 143."""
    try:
        plan = AblationPlan(
            experiment_with_data(),
            FLAGS.paired_data_dir,
            FLAGS.output_dir,
            seeds=FLAGS.seeds,
            variants=tuple(FLAGS.variants),
            limit=FLAGS.limit,
            parser_steps=FLAGS.parser_steps,
        )
        print(run_ablation(plan, FLAGS.max_hours, tell=lambda line: print(line, flush=True)))
    except (ValueError, OSError, JobFailed) as error:
        fail(error)
    except JobStopped:
        print("stopped; the same command carries on")
        sys.exit(143)
    print(f"table.md, scores.csv and picture.png in {FLAGS.output_dir}")


run = functools.partial(run_command, __doc__, define_flags, main)
