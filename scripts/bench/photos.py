"""What finding people in photos costs: time beside the transfer alone, and the exported model's size.

    python scripts/bench/photos.py --run_dir=runs/demo --finder=runs/perception --data_dir=datasets/demo \\
        --output=docs/results/photos.txt
"""

from __future__ import annotations

import tempfile
from pathlib import Path

import numpy as np
import tensorflow as tf
from absl import app, flags

from measure import define_bench_flags, finish, machine, median_seconds
from spt_tf.data.datasets import load_people
from spt_tf.inference import load_finished_run
from spt_tf.perception.finder import load_finder
from spt_tf.serving.saved_model import export_run

FLAGS = flags.FLAGS


def define_flags() -> None:
    """Defines the flags."""
    define_bench_flags(repeats=5)
    flags.DEFINE_string("run_dir", None, "Finished run.", required=True)
    flags.DEFINE_string("finder", None, "Run directory of scripts/train_perception.py.", required=True)
    flags.DEFINE_string("data_dir", None, "Data directory with test people.", required=True)
    flags.DEFINE_integer("photo_height", 1024, "Height of the photos; their width is in proportion.")
    flags.DEFINE_integer("people", 8, "People asked for at once.")


def main(argv: list[str]) -> None:
    run = load_finished_run(FLAGS.run_dir)
    index = load_people(FLAGS.data_dir, "test", run.canvas)
    places = range(FLAGS.people)
    images = np.stack([index.image(place) for place in places])
    lines = [f"# {machine()}", f"# {FLAGS.people} people at once, canvas {run.canvas[0]}x{run.canvas[1]}"]
    with tempfile.TemporaryDirectory() as folder:
        for name, finder in (("without a finder", None), ("with a finder", load_finder(FLAGS.finder))):
            path = export_run(run, Path(FLAGS.run_dir), Path(folder, "spt"), finder=finder)
            size = sum(file.stat().st_size for file in path.rglob("*") if file.is_file())
            lines.append(f"exported {name}: {size / 2**20:.2f} MiB")
        lines += _timed(tf.saved_model.load(str(path)).signatures, images, index)
    finish(lines, FLAGS.output)


def _timed(signatures, images, index) -> list[str]:
    poses = tf.constant(index.keypoints[: len(images)])
    parsings = tf.constant(np.stack([index.parsing(place) for place in range(len(images))]))
    raw = dict(source_image=tf.constant(images), source_parsing=parsings, source_keypoints=poses)
    height = FLAGS.photo_height
    large = tf.image.resize(images, [height, height * images.shape[2] // images.shape[1]])
    coded = [tf.io.encode_jpeg(tf.cast(one, tf.uint8)) for one in large]
    asked = {
        "transfer_pose": dict(raw, target_keypoints=poses),
        "find_pose": dict(image=tf.constant(images)),
        "transfer_pose_from_photo": dict(source_photo=tf.stack(coded), target_keypoints=poses),
    }
    calls = [lambda name=name, inputs=inputs: signatures[name](**inputs) for name, inputs in asked.items()]
    took = 1000 * median_seconds(calls, FLAGS.repeats) / len(images)
    lines = [f"{name}: {one:.1f} ms a person" for name, one in zip(asked, took)]
    return [*lines, f"photos: JPEG, {large.shape[1]}x{large.shape[2]}"]


if __name__ == "__main__":
    define_flags()
    app.run(main)
