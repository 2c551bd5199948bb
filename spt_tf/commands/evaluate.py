"""Scores a finished run on a data directory's test pairs, beside two untrained baselines.

    python scripts/evaluate.py --run_dir=runs/demo --data_dir=datasets/paper_dolls
    python scripts/evaluate.py --generated_dir=their/results --data_dir=datasets/market --protocol=patn
    python scripts/evaluate.py --compare runs/demo runs/other

Results go to <run_dir>/evaluation/<protocol>/: metrics.json, pairs.csv, sheets and report.html. What is not
the whole evaluation (--limit, --true_target_parsing, --allow_missing) has a folder of its own: spt-first_40.
The second form scores images that any project wrote, by their file names: from_to, from___to, alone or as
strips whose last cell is the output; its results go to evaluation/<protocol>-<folder>/ beside the folder.
The third puts what was evaluated before side by side, in <first run>/evaluation/comparison/report.html.
"""

from __future__ import annotations

import dataclasses
import functools
from collections.abc import Mapping

from absl import flags, logging

from spt_tf.commands.command import fail, run_command
from spt_tf.commands.precision_flag import define_precision_flag
from spt_tf.evaluation.metrics.registry import define_metric_flags, options_from
from spt_tf.evaluation.plan import EvaluationPlan
from spt_tf.evaluation.protocols import PROTOCOLS

FLAGS = flags.FLAGS


def define_flags() -> None:
    """Defines the flags, with their checks."""
    flags.DEFINE_string("run_dir", None, "Run directory of scripts/train.py.")
    flags.DEFINE_string("generated_dir", None, "Folder of images to score instead of the run's.")
    flags.DEFINE_string("data_dir", None, "Data directory with test people and pairs.")
    flags.DEFINE_bool(
        "compare", False, "Put the runs named after the flags side by side, as they were evaluated before."
    )
    flags.DEFINE_enum("protocol", "spt", list(PROTOCOLS), "Whose SSIM and mask-SSIM.")
    flags.DEFINE_integer("limit", 0, "Only the first so many pairs; 0 for all.", lower_bound=0)
    flags.DEFINE_integer("batch_size", 16, "Pairs generated at once.", lower_bound=1)
    flags.DEFINE_bool(
        "true_target_parsing", False, "Give the run the target's own parsing (the paper's TS-GT)."
    )
    define_precision_flag("the run's pictures")
    flags.DEFINE_string(
        "finder",
        None,
        "Run directory of scripts/train_perception.py: also score the run on the poses and parsings that "
        "it finds in the images.",
    )
    flags.DEFINE_bool(
        "flip_test", False, "Let the finder look at mirror images too: better, at twice the time."
    )
    flags.DEFINE_bool("allow_missing", False, "Score the rest where people or images of pairs are missing.")
    flags.DEFINE_integer(
        "failure_cases",
        0,
        "Show failure cases, corrupting the source parsing of so many pairs.",
        lower_bound=0,
    )
    flags.DEFINE_string("output_dir", None, "Where results go; default: see above.")
    define_metric_flags()
    flags.register_multi_flags_validator(
        ["run_dir", "generated_dir", "compare"],
        lambda given: any(given.values()),
        "give --run_dir or --generated_dir, or --compare",
    )
    flags.register_multi_flags_validator(
        ["data_dir", "compare"], lambda given: any(given.values()), "give --data_dir"
    )


def main(argv: list[str]) -> None:
    """Scores, or compares; bad input ends in one line and exit status 2."""
    if len(argv) > 1 and not FLAGS.compare:
        fail(f"unexpected argument {argv[1]}; --help lists the flags")
    logging.set_verbosity(logging.INFO)
    try:
        if FLAGS.compare:
            from spt_tf.evaluation.report.compare import compare

            print(compare(argv[1:], FLAGS.protocol, FLAGS.output_dir))
        else:
            _evaluate()
    except (ValueError, OSError) as error:
        fail(error)


def _evaluate() -> None:
    # TensorFlow loads once the flags are known to be good.
    from spt_tf.evaluation.evaluate import evaluate_run
    from spt_tf.evaluation.report.tables import failure_lines, table_lines

    given = FLAGS.flag_values_dict()
    given.update(output_dir=FLAGS.output_dir or "", options=options_from(given))
    plan = EvaluationPlan(**{field.name: given[field.name] for field in dataclasses.fields(EvaluationPlan)})
    plan = dataclasses.replace(plan, output_dir=plan.output_dir or plan.default_output_dir())
    metrics = evaluate_run(plan)
    for lines in (table_lines(metrics), failure_lines(metrics)):
        widths = [max(len(line[column]) for line in lines) for column in range(len(lines[0]) if lines else 0)]
        for line in lines:
            print("  ".join(cell.rjust(width) for cell, width in zip(line, widths)))
    for name, why in metrics["left_out_metrics"].items():
        print(f"left out: {name}, {why}")
    if metrics["data"]["left_out"]:
        print(f"{len(metrics['data']['left_out'])} entries left out: see metrics.json")
    for method, scores in metrics.get("set_scores", {}).items():
        print(f"{method}: " + ", ".join(f"{name} {value:.4g}" for name, value in scores.items()))
    if plan.finder:
        print(_cost_of_finding(metrics["means"]["all"]))
    print(f"SSIM protocol {FLAGS.protocol}; results in {plan.output_dir}, for people: report.html")


def _cost_of_finding(means: Mapping[str, Mapping[str, float]]) -> str:
    """What found poses and parsings take from mask-SSIM, in words."""
    true = means["generated"]["mask_ssim"]
    kinds = {"found_pose": "poses", "found_parsing": "parsing", "found_both": "both, as from photos alone"}
    costs = (f"{true - means[name]['mask_ssim']:.4f} {what}" for name, what in kinds.items())
    return f"mask-SSIM {true:.4f} with true poses and parsing; finding costs {', '.join(costs)}"


run = functools.partial(run_command, __doc__, define_flags, main, takes_arguments=True)
