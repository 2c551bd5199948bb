"""How the pseudo-label search grows: time and memory for more and more people, and whether it stays exact.

    python scripts/bench/growth_search.py --output=docs/results/growth_search.txt

Paper dolls, of which everybody is another, at Market-1501's size. Each number of people is searched in a
process of its own. A query's time is taken apart for one block of queries in one thread: the shortlist, whose
candidates are all people, is the quadratic part; fine grids and exact energies are of a fixed number.
"""

from __future__ import annotations

import csv
import json
import multiprocessing
import os
import pathlib
import subprocess
import sys
import tempfile
import time
import zlib

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import numpy as np
from absl import app, flags

from growth_picture import panels
from measure import finish, machine, peak_memory
from pseudo_labels import compared_with_brute_force
from spt_tf.data.people_index import PeopleIndex
from spt_tf.data.report import LoadingReport
from spt_tf.paper_dolls.people import draw_training_person
from spt_tf.pseudo_labels.label_energy import label_energy
from spt_tf.pseudo_labels.packed_people import pack_people
from spt_tf.pseudo_labels.search import prepare, search_block, search_pseudo_labels
from spt_tf.pseudo_labels.settings import SearchSettings
from spt_tf.pseudo_labels.shortlist import shortlists

FLAGS = flags.FLAGS
_CANVAS = (128, 64)
_BLOCK = 512
_SHARE = 1000  # dolls that a worker draws at a time


def define_flags() -> None:
    flags.DEFINE_list("people", ["3000", "12000", "50000", "100000"], "How many people, each a search.")
    flags.DEFINE_list(
        "queries", ["200"], "Of each search, answered by brute force as well; one for all, or each."
    )
    flags.DEFINE_string(
        "work_dir", None, "Where drawn people are kept for another time; none: a temporary one."
    )
    flags.DEFINE_string("output", None, "Text file for the results; the picture gets its name with .png.")
    flags.DEFINE_integer("measure", 0, "For the fresh process: search for so many.")


def main(_: list[str]) -> None:
    if FLAGS.measure:
        print(json.dumps(measure(FLAGS.measure)))
        return
    with tempfile.TemporaryDirectory() as folder:
        work = FLAGS.work_dir or folder
        numbers = sorted(int(number) for number in FLAGS.people)
        draw_people(work, numbers[-1])
        lines = [machine(), f"paper dolls at {_CANVAS[0]}x{_CANVAS[1]}, {SearchSettings()}"]
        found = []
        queries = FLAGS.queries * len(numbers) if len(FLAGS.queries) == 1 else FLAGS.queries
        for number, some in zip(numbers, queries):
            options = [f"--measure={number}", f"--queries={some}", f"--work_dir={work}"]
            command = [sys.executable, *sys.argv, *options]
            done = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True)
            found.append(json.loads(done.stdout.splitlines()[-1]))
            lines += told(found[-1])
            finish(lines, FLAGS.output)
        if FLAGS.output:
            draw_picture(found, pathlib.Path(FLAGS.output).with_suffix(".png"))


def draw_people(work: str, number: int) -> None:
    """Draws those who are not drawn yet, in files of `_SHARE` people."""
    os.makedirs(work, exist_ok=True)
    missing = [k for k in range(-(-number // _SHARE)) if not os.path.exists(_share_file(work, k))]
    with multiprocessing.get_context("spawn").Pool() as pool:
        pool.starmap(_draw_share, [(work, share) for share in missing], chunksize=1)


def _draw_share(work: str, share: int) -> None:
    pictures = [draw_training_person(0, share * _SHARE + k, _CANVAS).picture for k in range(_SHARE)]
    packed = [zlib.compress(picture.parsing.tobytes(), 1) for picture in pictures]
    keypoints = np.stack([picture.keypoints for picture in pictures]).astype(np.float32)
    path = _share_file(work, share)
    with open(path + ".partial", "wb") as file:
        np.savez(file, keypoints=keypoints, packed=np.array(packed, object))
    os.replace(path + ".partial", path)


def _share_file(work: str, share: int) -> str:
    return os.path.join(work, f"{share:04d}.npz")


def people(work: str, number: int) -> PeopleIndex:
    """The first `number` of them."""
    keypoints: list[np.ndarray] = []
    packed: list[bytes] = []
    for share in range(-(-number // _SHARE)):
        with np.load(_share_file(work, share), allow_pickle=True) as drawn:
            keypoints.append(drawn["keypoints"])
            packed += drawn["packed"].tolist()
    joints = np.concatenate(keypoints)[:number]
    names = tuple(f"{k:07d}.jpg" for k in range(number))
    report = LoadingReport("", number, ())
    return PeopleIndex(names, names, names, joints, tuple(packed[:number]), _CANVAS, report)


def measure(number: int) -> dict:
    """What a search for so many people takes."""
    index, settings = people(FLAGS.work_dir, number), SearchSettings()
    before = peak_memory()
    with tempfile.TemporaryDirectory() as folder:
        output = os.path.join(folder, "pairs.csv")
        wall, processor = time.perf_counter(), time.process_time()
        search_pseudo_labels(index, output)
        result = {
            "people": number,
            "wall": time.perf_counter() - wall,
            "processor": time.process_time() - processor,
        }
        with open(output, newline="") as file:
            found = {row["from"]: row for row in csv.DictReader(file)}
    energy = np.mean([float(row["energy"]) for row in found.values()])
    result |= {"before": before, "peak": peak_memory(), "energy": energy, **_apart(index, settings)}
    if queries := int(FLAGS.queries[0]):
        seconds = result["processor"] / number
        result["exact"] = compared_with_brute_force(index, settings, found, seconds, queries)
    return result


def _apart(index: PeopleIndex, settings: SearchSettings) -> dict:
    """Seconds of preparing, and of a query of one block: its shortlist, and all of it."""
    start = time.process_time()
    packed = pack_people(index, 2**31)
    prepared = prepare(packed, settings)
    preparing = time.process_time() - start
    queries = np.arange(min(_BLOCK, len(index)))
    distance = settings.min_pose_distance * _CANVAS[0]

    def seconds(call) -> float:
        call()  # compiles
        start = time.process_time()
        call()
        return (time.process_time() - start) / len(queries)

    shortlist = seconds(
        lambda: shortlists(prepared.coarse, packed.keypoints, queries, 10 * settings.shortlist, distance)
    )
    wide = np.random.default_rng(0).integers(0, len(index), (len(queries), 10 * settings.shortlist))
    fine = seconds(lambda: prepared.fine.energies(queries, wide))
    pairs = np.repeat(queries, settings.shortlist), wide[:, : settings.shortlist].ravel()
    exact = seconds(lambda: label_energy(packed, *pairs))
    whole = seconds(lambda: search_block(prepared, queries, settings))
    return {
        "preparing": preparing,
        "shortlist": shortlist,
        "fine": fine,
        "exact_energy": exact,
        "whole": whole,
    }


def told(found: dict) -> list[str]:
    """A search in words."""
    per_query = ", ".join(
        f"{name} {1000 * found[key]:.2f}"
        for name, key in (
            ("shortlist", "shortlist"),
            ("fine grids", "fine"),
            ("exact energies", "exact_energy"),
        )
    )
    return [
        f"{found['people']:,} people: {found['wall'] / 60:.1f} min, {found['processor'] / 60:.1f} min of "
        f"processor time; peak memory {found['peak']:.2f} GB ({found['before']:.2f} before the search); "
        f"mean energy of the chosen {found['energy']:.0f}",
        f"  preparing {found['preparing']:.0f} s; ms of processor time a query: {1000 * found['whole']:.2f}, "
        f"of it {per_query}",
        *(f"  {line}" for line in found.get("exact", ())),
    ]


def draw_picture(found: list[dict], path: pathlib.Path) -> None:
    """Processor time and memory against people, on logarithmic axes."""
    numbers = [one["people"] for one in found]
    figure, (time_axes, memory_axes) = panels(2, (8, 3.4))
    parts = {
        "whole": "all",
        "shortlist": "shortlist (of everybody)",
        "fine": "fine grids",
        "exact_energy": "exact energies",
    }
    for key, name in parts.items():
        minutes = [one[key] * one["people"] / 60 for one in found]
        time_axes.loglog(numbers, minutes, marker="o", label=name)
    time_axes.set(xlabel="people", ylabel="minutes of processor time")
    memory_axes.loglog(numbers, [one["peak"] for one in found], marker="o")
    memory_axes.set(xlabel="people", ylabel="peak memory, GB")
    time_axes.legend(frameon=False, fontsize=8)
    figure.savefig(path, dpi=110)


if __name__ == "__main__":
    define_flags()
    app.run(main)
