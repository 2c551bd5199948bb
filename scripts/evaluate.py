"""Scores a finished run on a data directory's test pairs, beside two untrained baselines.

    python scripts/evaluate.py --run_dir=runs/demo --data_dir=datasets/paper_dolls

Results go to <run_dir>/evaluation/<protocol>/: metrics.json, pairs.csv, sheets and report.html.
"""

from __future__ import annotations

import os
import pathlib
import sys

from absl import app, flags, logging

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent))

from spt_tf.evaluation.protocols import PROTOCOLS

FLAGS = flags.FLAGS


def define_flags() -> None:
    """Defines the flags, with their checks."""
    flags.DEFINE_string("run_dir", None, "Run directory of scripts/train.py.", required=True)
    flags.DEFINE_string("data_dir", None, "Data directory with test people and pairs.", required=True)
    flags.DEFINE_enum("protocol", "spt", list(PROTOCOLS), "Whose SSIM and mask-SSIM.")
    flags.DEFINE_integer("limit", 0, "Only the first so many pairs; 0 for all.", lower_bound=0)
    flags.DEFINE_integer("batch_size", 16, "Pairs generated at once.", lower_bound=1)
    flags.DEFINE_string(
        "inception_graph", None, "classify_image_graph_def.pb of 2015-12-05: adds IS, mask-IS, FID."
    )
    flags.DEFINE_bool(
        "pckh", False, "Add PCKh by the run's own pose detector (generates everything once more)."
    )
    flags.DEFINE_string("output_dir", None, "Default: <run_dir>/evaluation/<protocol>.")


def main(argv: list[str]) -> None:
    if len(argv) > 1:
        raise app.UsageError(f"unexpected argument {argv[1]}")
    from spt_tf.evaluation.html_report import (
        table_lines,
    )  # TensorFlow loads once the flags are known to be good
    from spt_tf.evaluation.run_evaluation import EvaluationPlan, evaluate_run

    logging.set_verbosity(logging.INFO)
    output_dir = FLAGS.output_dir or os.path.join(FLAGS.run_dir, "evaluation", FLAGS.protocol)
    plan = EvaluationPlan(
        FLAGS.run_dir,
        FLAGS.data_dir,
        FLAGS.protocol,
        FLAGS.limit,
        FLAGS.batch_size,
        output_dir,
        FLAGS.inception_graph,
        FLAGS.pckh,
    )
    try:
        metrics = evaluate_run(plan)
    except (ValueError, OSError) as error:
        print(f"evaluate.py: {error}", file=sys.stderr)
        sys.exit(2)
    for line in table_lines(metrics):
        print(f"{line[0]:14}{line[1]:16}" + "".join(f"{cell:>14}" for cell in line[2:]))
    for method, scores in metrics.get("set_scores", {}).items():
        print(f"{method}: " + ", ".join(f"{name} {value:.4g}" for name, value in scores.items()))
    print(f"SSIM protocol {FLAGS.protocol}; results in {output_dir}")


if __name__ == "__main__":
    define_flags()
    app.run(main)
