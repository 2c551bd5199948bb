"""Measures what the three style losses ask of a true picture, and how hard each pulls beside the others.

python scripts/bench/style_losses.py --data_dir=datasets/ablation --height=64 --width=32 --vgg_width=0.5

L_sty between source and true target ought to be nothing beside L_sty between the source and a stranger. What
it is instead the loss asks in vain. The factors are those on --lambda_sty by which a style's strangers cost
(or pull) as much as the semantic style's: `spt_tf.ablation.variants.STYLE_FACTOR`.
"""

from __future__ import annotations

import tensorflow as tf
from absl import app, flags

from measure import finish
from spt_tf.data.datasets import load_pairs, load_people
from spt_tf.data.pipeline import pair_batches
from spt_tf.geometry.poses import describe_pose
from spt_tf.losses.style import style_loss
from spt_tf.losses.style_regions import Regions, label_regions, mask_regions, patch_regions
from spt_tf.models import conditioning
from spt_tf.networks.vgg import VggFeatures

FLAGS = flags.FLAGS
_STRANGER = 7  # how far away in the batch the stranger stands


def define_flags() -> None:
    """Defines the flags, with their checks."""
    flags.DEFINE_string("data_dir", None, "Data with true test pairs.", required=True)
    flags.DEFINE_integer("height", 64, "Canvas height, pixels.", lower_bound=16)
    flags.DEFINE_integer("width", 32, "Canvas width, pixels.", lower_bound=16)
    flags.DEFINE_float("vgg_width", 0.5, "Scale of VGG16's random filters.")
    flags.DEFINE_float("pose_sigma", 3.0, "Standard deviation of a joint's heatmap, pixels.")
    flags.DEFINE_float("joint_radius", 2.0, "Radius of a joint in the pose mask, pixels.")
    flags.DEFINE_integer("pairs", 96, "Test pairs.", lower_bound=_STRANGER + 1)
    flags.DEFINE_string("output", None, "Text file for the results, besides the screen.")


def main(argv: list[str]) -> None:
    if len(argv) > 1:
        raise app.UsageError(f"unexpected argument: {argv[1]}")
    canvas = (FLAGS.height, FLAGS.width)
    people = load_people(FLAGS.data_dir, "test", canvas)
    pairs = load_pairs(FLAGS.data_dir, "test", people).pairs[: FLAGS.pairs]
    batch = next(iter(pair_batches(people, pairs, len(pairs))))
    features = VggFeatures(width=FLAGS.vgg_width)
    source, target = (
        features(conditioning.image_to_float(batch[f"{side}_image"])) for side in ("source", "target")
    )
    source_regions, target_regions = (_regions(batch, side, canvas) for side in ("source", "target"))
    lines = [f"{len(pairs)} pairs at {canvas[0]}x{canvas[1]}: L_sty of the truth as a share of a stranger's"]
    for matched in (False, True):
        lines.append("areas matched" if matched else "areas as they are, the authors' form")
        standard = None
        for style, here in source_regions.items():
            there = target_regions[style]
            stranger = Regions(*(tf.roll(part, _STRANGER, 0) for part in there))
            cost, pull = _cost_and_pull(source, tf.roll(target, _STRANGER, 0), here, stranger, matched)
            true_cost, _ = _cost_and_pull(source, target, here, there, matched)
            standard = standard or (cost, pull)  # the semantic style comes first
            lines.append(
                f"  {style:9s} {true_cost / cost:6.1%}   factor by cost {standard[0] / cost:.3g}, "
                f"by gradient {standard[1] / pull:.3g}"
            )
    finish(lines, FLAGS.output)


def _regions(batch: dict[str, tf.Tensor], side: str, canvas: tuple[int, int]) -> dict[str, Regions]:
    keypoints = batch[f"{side}_keypoints"]
    pose = describe_pose(keypoints, canvas, FLAGS.pose_sigma, FLAGS.joint_radius)
    return {
        "semantic": label_regions(conditioning.labels_to_parsing(batch[f"{side}_parsing"])),
        "mask": mask_regions(pose.mask),
        "patch": patch_regions(keypoints, canvas),
    }


def _cost_and_pull(
    source: tf.Tensor, moved: tf.Tensor, here: Regions, there: Regions, matched: bool
) -> tuple[float, float]:
    """The mean loss of a cycle that maps back perfectly, and its gradient's norm by I~_pt's features."""
    with tf.GradientTape() as tape:
        tape.watch(moved)
        loss = tf.reduce_mean(style_loss(source, moved, source, here, there, matched))
    return float(loss), float(tf.norm(tape.gradient(loss, moved)))


if __name__ == "__main__":
    define_flags()
    app.run(main)
