"""What the upper steps of the ladder buy: SSIM on held-out pairs, against the global output enlarged.

    python scripts/bench/ladder.py --run_dir=runs/ladder --data_dir=datasets/ladder \
        --output=docs/results/ladder.txt

for a run of scripts/bench/ladder.flags. The global network is the one that stage appearance ended with, its
pictures enlarged bicubically; against it the enhancer alone (stage enhancer) and everything (end_to_end).
"""

from __future__ import annotations

import os
import tempfile

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import tensorflow as tf
from absl import app, flags

from measure import finish, machine
from spt_tf.data.datasets import load_pairs, load_people
from spt_tf.evaluation.evaluator import evaluate_pairs
from spt_tf.evaluation.methods import Method, source_and_pose_spec, trained
from spt_tf.evaluation.metrics.registry import left_out, make_metrics
from spt_tf.evaluation.plan import EvaluationPlan
from spt_tf.inference import Generated, load_finished_run, load_half_size_run
from spt_tf.models import conditioning
from spt_tf.training.run_directory import read_config

FLAGS = flags.FLAGS


def define_flags() -> None:
    """Defines the flags."""
    flags.DEFINE_string("run_dir", None, "A run with a local enhancer.", required=True)
    flags.DEFINE_string("data_dir", None, "Data directory with test pairs.", required=True)
    flags.DEFINE_string("protocol", "spt", "Whose SSIM.")
    flags.DEFINE_integer("limit", 0, "Only the first so many pairs; 0 for all.", lower_bound=0)
    flags.DEFINE_string("output", None, "Text file for the results, besides the screen.")


def enlarged(run_dir: str) -> Method:
    """The global network of stage appearance at half the canvas, its picture enlarged to all of it."""
    canvas, generator = read_config(run_dir).canvas, load_half_size_run(run_dir).generator

    @tf.function(input_signature=[source_and_pose_spec(canvas)])
    def transfer(batch: dict[str, tf.Tensor]) -> Generated:
        half = conditioning.half_batch(
            {**batch, "target_parsing": batch["source_parsing"]}  # not looked at: a batch has one
        )
        source = conditioning.source_person(half)
        image, parsing = generator.transfer_pose(source, half["target_keypoints"])
        image, parsing = (tf.image.resize(one, canvas, "bicubic") for one in (image, parsing))
        return Generated(conditioning.image_to_uint8(image), conditioning.parsing_to_labels(parsing))

    return lambda batch: transfer({name: batch[name] for name in source_and_pose_spec(canvas)})


def main(_: list[str]) -> None:
    run_dir = FLAGS.run_dir
    methods = {"global output enlarged (stage appearance)": enlarged(run_dir)}
    for stage, title in (
        ("enhancer", "enhancer alone (stage enhancer)"),
        ("end_to_end", "everything (end_to_end)"),
    ):
        methods[title] = trained(load_finished_run(run_dir, stage=stage))
    index = load_people(FLAGS.data_dir, "test", read_config(run_dir).canvas)
    pairs = load_pairs(FLAGS.data_dir, "test", index).pairs[: FLAGS.limit or None]
    with tempfile.TemporaryDirectory() as folder:
        plan = EvaluationPlan(run_dir, FLAGS.data_dir, FLAGS.protocol, FLAGS.limit, 16, folder)
        metrics = [metric for metric in make_metrics(plan) if left_out(metric) is None]
        table = evaluate_pairs(methods, index, pairs, metrics, 16, folder, {"run_dir": run_dir})
    means = {name: table.summarize(name) for name in methods}
    lines = [machine(), f"{len(pairs)} held-out pairs, protocol {FLAGS.protocol}"]
    for name, numbers in means.items():
        values = ", ".join(f"{number} {numbers[number]:.4f}" for number in ("ssim", "mask_ssim", "l1"))
        lines.append(f"{name:45} {values}")
    finish(lines, FLAGS.output)


if __name__ == "__main__":
    define_flags()
    app.run(main)
