"""Times all that is made from keypoints, batched in TensorFlow, against one image at a time in NumPy.

    python scripts/bench/preprocessing.py --output=docs/results/preprocessing.txt

Per pair, both ways: heatmaps and pose masks of both poses, part masks and part transforms from source to
target and back. The rival is the literature's way of doing it with NumPy and scikit-image.
"""

from __future__ import annotations

import numpy as np
import tensorflow as tf
from absl import app, flags

import one_by_one
from measure import define_bench_flags, finish, machine, median_seconds, random_poses
from spt_tf.geometry.poses import describe_pose, describe_transfer

FLAGS = flags.FLAGS


def main(argv: list[str]) -> None:
    del argv
    lines = [machine(), f"batch {FLAGS.batch_size}, random poses, median of {FLAGS.repeats} calls"]
    lines.append("milliseconds per pair, both ways, all outputs:  ours  one by one  ratio")
    for canvas in ((128, 64), (256, 256)):
        source, target = (random_poses(FLAGS.batch_size, canvas, seed) for seed in (0, 1))

        @tf.function
        def ours(source, target, canvas=canvas):
            people = [describe_pose(pose, canvas) for pose in (source, target)]
            there = describe_transfer(source, target, canvas)
            back = describe_transfer(target, source, canvas)
            return [*people, there, back]

        def theirs(source=source, target=target, canvas=canvas):
            return [one_by_one.describe_pair(a, b, canvas) for a, b in zip(source, target)]

        check(ours(source, target), theirs())
        arguments = tf.constant(source), tf.constant(target)
        seconds = median_seconds([lambda: ours(*arguments), theirs], FLAGS.repeats)  # noqa: B023
        per_pair = 1e3 * seconds / FLAGS.batch_size
        lines.append(f"  {canvas}: {per_pair[0]:.2f}  {per_pair[1]:.2f}  {per_pair[1] / per_pair[0]:.0f}x")
    finish(lines, FLAGS.output)


def check(ours, theirs) -> None:
    """Stops the bench where the two do not make the same things."""
    ours = [np.asarray(array) for array in tf.nest.flatten(ours)]
    theirs = [np.stack(arrays) for arrays in zip(*(tf.nest.flatten(pair) for pair in theirs))]
    for mine, other in zip(ours, theirs):
        if mine.shape != other.shape or np.mean(np.abs(mine - other) > 0.1) > 0.01:
            raise ValueError(f"different results, shapes {mine.shape} and {other.shape}")


if __name__ == "__main__":
    define_bench_flags(repeats=5)
    flags.DEFINE_integer("batch_size", 32, "Pairs at once.", lower_bound=1)
    app.run(main)
