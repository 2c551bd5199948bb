"""Draws a data set of paper dolls in Market-1501's layout.

    python scripts/make_paper_dolls.py --output_dir=data/dolls --num_train=2000 --num_test_pairs=200

Training poses may come from an annotation CSV of the literature; its image names are kept:

    python scripts/make_paper_dolls.py --output_dir=data/dolls --pose_csv=market-annotation-train.csv
"""

from __future__ import annotations

import functools
import os
import sys
import time
from typing import TYPE_CHECKING

from absl import flags

from spt_tf.commands.command import run_command
from spt_tf.data.file_reading import UnreadableFile

if TYPE_CHECKING:
    from spt_tf.paper_dolls.dataset import DatasetPlan

FLAGS = flags.FLAGS


def define_flags() -> None:
    """Defines the flags, with their checks."""
    flags.DEFINE_string("output_dir", None, "Directory to make; must not exist, or be empty.", required=True)
    flags.DEFINE_integer("num_train", 2000, "Training images, each of another person.", lower_bound=0)
    flags.DEFINE_integer("num_test_pairs", 200, "Test people, with two images each.", lower_bound=0)
    flags.DEFINE_integer("height", 128, "Image height, pixels.", lower_bound=32, upper_bound=2048)
    flags.DEFINE_integer("width", 64, "Image width, pixels.", lower_bound=16, upper_bound=2048)
    flags.DEFINE_integer("seed", 0, "The same seed draws the same data set.", lower_bound=0)
    flags.DEFINE_string(
        "pose_csv", None, "Annotation CSV for the poses and names of the training images; -1 stays missing."
    )
    flags.DEFINE_bool(
        "train_pairs",
        False,
        "Draw every training person twice and list the pairs, for supervised training (--paired).",
    )
    flags.DEFINE_integer("pose_csv_height", 128, "Height of the images pose_csv was made on.", lower_bound=1)
    flags.DEFINE_integer("pose_csv_width", 64, "Width of the images pose_csv was made on.", lower_bound=1)
    flags.DEFINE_integer(
        "processes", os.cpu_count() or 1, "Worker processes; the result does not depend on it.", lower_bound=1
    )
    flags.register_multi_flags_validator(
        ["pose_csv", "train_pairs"],
        lambda given: not (given["pose_csv"] and given["train_pairs"]),
        "--train_pairs draws poses of its own: not with --pose_csv",
    )


def main(argv: list[str]) -> None:
    """Draws a data set; bad input ends in one line and exit status 1."""
    from tqdm import tqdm

    from spt_tf.paper_dolls.dataset import write_dataset

    try:
        plan = _plan()
        started = time.monotonic()
        people = plan.num_train + plan.num_test_pairs
        seldom = 0.5 if sys.stderr.isatty() else 10.0  # a log file gets a line every ten seconds
        with tqdm(total=people, unit="person", desc="paper dolls", mininterval=seldom) as bar:
            write_dataset(FLAGS.output_dir, plan, FLAGS.processes, lambda done, total: bar.update())
    except (OSError, UnreadableFile) as error:
        sys.exit(f"make_paper_dolls: {error}")
    seconds = time.monotonic() - started
    images = (1 + plan.train_pairs) * plan.num_train + 2 * plan.num_test_pairs
    print(f"{images} images in {seconds:.1f} s ({images / seconds:.0f} a second): {FLAGS.output_dir}")


def _plan() -> DatasetPlan:
    from spt_tf.paper_dolls.annotated_poses import read_poses
    from spt_tf.paper_dolls.dataset import DatasetPlan

    canvas = (FLAGS.height, FLAGS.width)
    if FLAGS.pose_csv is None:
        return DatasetPlan(
            canvas, FLAGS.seed, FLAGS.num_train, FLAGS.num_test_pairs, train_pairs=FLAGS.train_pairs
        )
    poses, left_out = read_poses(FLAGS.pose_csv, canvas, (FLAGS.pose_csv_height, FLAGS.pose_csv_width))
    reasons = ", ".join(f"{count} {reason}" for reason, count in left_out.items()) or "none"
    print(f"{FLAGS.pose_csv}: {len(poses)} poses; rows left out: {reasons}")
    poses = poses[: FLAGS.num_train]
    if len(poses) < FLAGS.num_train:
        print(f"num_train is {FLAGS.num_train}, poses are {len(poses)}: drawing {len(poses)} training images")
    return DatasetPlan(canvas, FLAGS.seed, len(poses), FLAGS.num_test_pairs, poses)


run = functools.partial(run_command, __doc__, define_flags, main)
