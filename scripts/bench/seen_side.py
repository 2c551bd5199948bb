"""From which side an image parser sees the people of generated pictures, pairs that change view apart.

    python scripts/bench/seen_side.py --run_dirs=runs/demo --data_dir=datasets/demo \\
        --image_parser=runs/finder --output=docs/results/seen_side.txt

Left and right of a parsing hang on the side a person is seen from, and that on the head. Told are the
parser's mIoU; the same with left and right taken for one; and what it sees, as shares of the pixels, where
the truth has a face, hair, an arm or leg: the same limb or the other side's. True pictures come first.
"""

from __future__ import annotations

import os

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import numpy as np
from absl import app, flags

from measure import finish
from spt_tf import anatomy
from spt_tf.data.datasets import load_pairs, load_people
from spt_tf.data.pipeline import pair_batches
from spt_tf.evaluation import pixels
from spt_tf.evaluation.finder_scores import sides_merged
from spt_tf.evaluation.views import changes_view
from spt_tf.inference import load_finished_run
from spt_tf.perception.finder import load_finder

FLAGS = flags.FLAGS
_BATCH = 20
_LABEL = anatomy.LABEL
_PAIRS = [(_LABEL[f"left_{part}"], _LABEL[f"right_{part}"]) for part in ("arm", "leg")]


def told(counts: np.ndarray) -> str:
    """A line of figures for counts `[10,10]` by (true, seen) label."""
    shares = counts / np.maximum(counts.sum(axis=1, keepdims=True), 1)
    face, hair = _LABEL["face"], _LABEL["hair"]
    figures = [pixels.mean_iou(counts), pixels.mean_iou(sides_merged(counts))]
    figures += [shares[face, face], shares[face, hair], shares[hair, face]]
    for pair in _PAIRS:
        limb = shares[np.ix_(pair, pair)]
        figures += [np.trace(limb) / 2, np.trace(limb[::-1]) / 2]
    return "".join(f"{figure:12.3f}" for figure in figures)


def main(_: list[str]) -> None:
    finder = load_finder(FLAGS.image_parser)
    index = load_people(FLAGS.data_dir, "test", finder.canvas)
    pairs = load_pairs(FLAGS.data_dir, "test", index).pairs
    turned, _ = changes_view(FLAGS.data_dir, index, pairs)
    seen: dict[str, list[np.ndarray]] = {"true pictures": []}
    runs = {path: load_finished_run(path) for path in FLAGS.run_dirs}
    for batch in pair_batches(index, pairs, _BATCH):
        source = [batch[f"source_{name}"] for name in ("image", "parsing", "keypoints")]
        images = {"true pictures": batch["target_image"]}
        images |= {
            path: run.transfer_pose(*source, batch["target_keypoints"]).image for path, run in runs.items()
        }
        for name, shown in images.items():
            counts = pixels.confusion(batch["target_parsing"], finder.find(shown).parsing.numpy())
            seen.setdefault(name, []).append(counts)
    heads = ["mIoU", "sides one", "face: face", "hair", "hair: face", "arm: same", "other", "leg: same"]
    lines = [f"{'':52}" + "".join(f"{head:>12}" for head in (*heads, "other"))]
    for subset, chosen in (("changes view", turned), ("same view", ~turned)):
        for name, counts in seen.items():
            lines.append(f"{subset:14}{name:38}" + told(np.concatenate(counts)[chosen].sum(axis=0)))
    finish(lines, FLAGS.output)


if __name__ == "__main__":
    flags.DEFINE_list("run_dirs", None, "Run directories of scripts/train.py, of one canvas.", required=True)
    flags.DEFINE_string("data_dir", None, "Data directory with test pairs.", required=True)
    flags.DEFINE_string("image_parser", None, "A finder's run directory.", required=True)
    flags.DEFINE_string("output", None, "Text file for the results, besides the screen.")
    app.run(main)
