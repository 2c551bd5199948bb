"""Times the deformable skip, forward and backward, against ten ImageProjectiveTransform warps.

    python scripts/bench/deformable_skip.py --output=docs/results/deformable_skip.txt

The rival is what `tensorflow_addons.image.transform` runs, taken from `tf.raw_ops` (TensorFlow itself
registers its gradient): ten warps, each multiplied by its mask, and their maximum. Its gradient is
approximate; how far off it is is printed too.
"""

from __future__ import annotations

import numpy as np
import tensorflow as tf
from absl import app, flags

from measure import define_bench_flags, finish, machine, median_seconds, random_poses
from spt_tf import anatomy
from spt_tf.geometry.poses import describe_transfer
from spt_tf.geometry.warp import rescale_transforms
from spt_tf.layers.deformable_skip import deformable_skip
from spt_tf.people import PoseTransfer

FLAGS = flags.FLAGS

# Canvas, and (height, width, channels) of the skips' levels in the full-width networks.
CANVASES = {
    (128, 64): [(128, 64, 64), (64, 32, 128), (32, 16, 256), (16, 8, 512)],
    (256, 256): [(256, 256, 32), (128, 128, 64)],
}


def ten_warps(features: tf.Tensor, transfer: PoseTransfer) -> tf.Tensor:
    """The skip by `ImageProjectiveTransformV3`; the ten copies live until the gradient."""
    canvas, level = transfer.part_masks.shape[1:3], features.shape[1:3]
    transforms = rescale_transforms(transfer.transforms, canvas, level)
    masks = tf.image.resize(transfer.part_masks, level)
    result = None
    for part in range(anatomy.NUM_PARTS):
        warped = tf.raw_ops.ImageProjectiveTransformV3(
            images=features,
            transforms=transforms[:, part],
            output_shape=level,
            fill_value=0.0,
            interpolation="BILINEAR",
            fill_mode="CONSTANT",
        )
        warped *= masks[..., part : part + 1]
        result = warped if result is None else tf.maximum(result, warped)
    return result


def forward_and_backward(skip):
    """A compiled function: features, transfer, upstream gradient -> value, gradient."""

    @tf.function
    def run(features, transfer, upstream):
        with tf.GradientTape() as tape:
            tape.watch(features)
            value = skip(features, transfer)
        return value, tape.gradient(value, features, upstream)

    return run


def main(argv: list[str]) -> None:
    del argv
    lines = [machine(), f"batch {FLAGS.batch_size}, random poses, median of {FLAGS.repeats} calls"]
    lines.append(
        "forward and backward, milliseconds:  ours  ten warps  ratio  | their gradient's error, norm"
    )
    totals = np.zeros(2)
    for canvas, levels in CANVASES.items():
        source, target = (random_poses(FLAGS.batch_size, canvas, seed) for seed in (0, 1))
        transfer = describe_transfer(source, target, canvas)
        for level in levels:
            features, upstream = (tf.random.normal([FLAGS.batch_size, *level]) for _ in range(2))
            arguments = (features, transfer, upstream)
            ours, theirs = forward_and_backward(deformable_skip), forward_and_backward(ten_warps)
            (value, gradient), (their_value, their_gradient) = ours(*arguments), theirs(*arguments)
            np.testing.assert_allclose(value, their_value, atol=2e-3)
            error = tf.norm(their_gradient - gradient) / tf.norm(gradient)
            seconds = median_seconds([lambda: ours(*arguments), lambda: theirs(*arguments)], FLAGS.repeats)  # noqa: B023
            totals += seconds
            lines.append(
                f"  {canvas} at {level}: {1e3 * seconds[0]:.1f}  {1e3 * seconds[1]:.1f}"
                f"  {seconds[1] / seconds[0]:.1f}x  | {100 * error:.0f} %"
            )
    lines.append(f"  all: {1e3 * totals[0]:.1f}  {1e3 * totals[1]:.1f}  {totals[1] / totals[0]:.1f}x")
    finish(lines, FLAGS.output)


if __name__ == "__main__":
    define_bench_flags(repeats=7)
    flags.DEFINE_integer("batch_size", 4, "Pairs at once.", lower_bound=1)
    app.run(main)
