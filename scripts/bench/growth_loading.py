"""How loading a data directory grows: time and memory for more and more people, up to the first batches.

    python scripts/bench/growth_loading.py --output=docs/results/growth_loading.txt

A few hundred paper dolls at Market-1501's size stand in the directory again and again under other names, as
hard links: the system has their contents in memory, which leaves the work of loading, not the disk's. Each
size is loaded in a process of its own, which then takes some batches, as training does.
"""

from __future__ import annotations

import json
import os
import pathlib
import subprocess
import sys
import tempfile
import time

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

from absl import app, flags

from growth_picture import panels
from measure import finish, machine, peak_memory, resident_memory
from spt_tf.data.annotations import read_annotations, write_annotations
from spt_tf.data.datasets import load_people
from spt_tf.data.pipeline import training_batches
from spt_tf.paper_dolls.dataset import DatasetPlan, write_dataset

FLAGS = flags.FLAGS
_CANVAS = (128, 64)
_DOLLS = 400
_BATCHES, _BATCH_SIZE = 50, 16


def define_flags() -> None:
    flags.DEFINE_list("people", ["12000", "100000", "500000"], "How many people, each a directory.")
    flags.DEFINE_string("output", None, "Text file for the results; the picture gets its name with .png.")
    flags.DEFINE_string("measure", None, "For the fresh process: the directory to load.")


def main(_: list[str]) -> None:
    if FLAGS.measure:
        print(json.dumps(measure(FLAGS.measure)))
        return
    lines, found = [machine(), f"people at {_CANVAS[0]}x{_CANVAS[1]}, batches of {_BATCH_SIZE}"], []
    for number in sorted(int(number) for number in FLAGS.people):
        with tempfile.TemporaryDirectory() as folder:
            write_directory(pathlib.Path(folder), number)
            command = [sys.executable, *sys.argv, f"--measure={folder}/data"]
            done = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True)
        found.append(json.loads(done.stdout.splitlines()[-1]))
        lines.append(told(found[-1]))
        finish(lines, FLAGS.output)
    if FLAGS.output:
        draw_picture(found, pathlib.Path(FLAGS.output).with_suffix(".png"))


def write_directory(folder: pathlib.Path, number: int) -> None:
    """`folder`/data, a data directory of so many people."""
    write_dataset(folder / "dolls", DatasetPlan(_CANVAS, 0, _DOLLS, 1))
    dolls = list(read_annotations(folder / "dolls/market-annotation-train.csv").items())
    for kind in ("train", "parsing/train"):
        (folder / "data" / kind).mkdir(parents=True)
    people = {}
    for k in range(number):
        name, keypoints = dolls[k % _DOLLS]
        people[f"{k:07d}.jpg"] = keypoints
        os.link(folder / "dolls/train" / name, folder / f"data/train/{k:07d}.jpg")
        parsing = pathlib.Path(name).with_suffix(".png")
        os.link(folder / "dolls/parsing/train" / parsing, folder / f"data/parsing/train/{k:07d}.png")
    write_annotations(folder / "data/market-annotation-train.csv", people)


def measure(data_dir: str) -> dict:
    """What loading takes, and what is held of it while batches are drawn."""
    before = resident_memory()
    wall, processor = time.perf_counter(), time.process_time()
    index = load_people(data_dir, "train", _CANVAS)
    wall, processor = time.perf_counter() - wall, time.process_time() - processor
    loaded, peak = resident_memory(), peak_memory()
    batches = training_batches(index, None, _BATCH_SIZE, seed=0)
    start = time.perf_counter()
    for _ in zip(range(_BATCHES), batches):
        pass
    return {
        "people": len(index),
        "wall": wall,
        "processor": processor,
        "held": loaded - before,
        "peak": peak - before,
        "training": resident_memory() - before,
        "images_per_second": _BATCHES * _BATCH_SIZE / (time.perf_counter() - start),
    }


def told(found: dict) -> str:
    """A loading in words."""
    number = found["people"]
    return (
        f"{number:,} people: {found['wall']:.0f} s, {found['processor']:.0f} s of processor time, "
        f"{1e3 * found['processor'] / number:.2f} ms a person; holds {found['held']:.2f} GB, "
        f"{1e6 * found['held'] / number:.1f} kB a person, at most {found['peak']:.2f} GB on the way; while "
        f"{_BATCHES} batches are drawn {found['training']:.2f} GB, {found['images_per_second']:.0f} people "
        "a second"
    )


def draw_picture(found: list[dict], path: pathlib.Path) -> None:
    """Time and memory against people, on logarithmic axes."""
    numbers = [one["people"] for one in found]
    figure, (time_axes, memory_axes) = panels(2, (8, 3.4))
    time_axes.loglog(numbers, [one["processor"] for one in found], marker="o")
    time_axes.set(xlabel="people", ylabel="seconds of processor time to load")
    for key, name in (
        ("held", "loaded"),
        ("peak", "at most, while loading"),
        ("training", "while training draws"),
    ):
        memory_axes.loglog(numbers, [one[key] for one in found], marker="o", label=name)
    memory_axes.set(xlabel="people", ylabel="memory, GB")
    memory_axes.legend(frameon=False, fontsize=8)
    figure.savefig(path, dpi=110)


if __name__ == "__main__":
    define_flags()
    app.run(main)
