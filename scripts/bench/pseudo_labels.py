"""Measures the pseudo-label search: time, memory, against brute force, and what it is good for.

    python scripts/make_paper_dolls.py --output_dir=data/posed --num_train=12936 --num_test_pairs=0 \
        --pose_csv=../shared/data/annotations/market-annotation-train.csv
    python scripts/bench/pseudo_labels.py --data_dir=data/posed

The last results are in docs/results/pseudo_labels.txt.
"""

from __future__ import annotations

import csv
import os
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
from absl import app, flags

from measure import peak_memory
from spt_tf.data.people_index import PeopleIndex
from spt_tf.pseudo_labels.label_energy import label_energy
from spt_tf.pseudo_labels.packed_people import pack_people
from spt_tf.pseudo_labels.run import load_training_people
from spt_tf.pseudo_labels.search import search_pseudo_labels
from spt_tf.pseudo_labels.settings import SearchSettings
from spt_tf.pseudo_labels.shortlist import far_enough

FLAGS = flags.FLAGS
_RESULTS = Path(__file__).resolve().parent / "results"


def define_flags() -> None:
    flags.DEFINE_string("data_dir", None, "Paper dolls with attributes.csv.", required=True)
    flags.DEFINE_integer("height", 128, "Image height, pixels.")
    flags.DEFINE_integer("width", 64, "Image width, pixels.")
    flags.DEFINE_integer("queries", 200, "Random queries answered by brute force as well.", lower_bound=1)
    flags.DEFINE_bool("per_pixel", False, "As in the search.")
    flags.DEFINE_string("results", str(_RESULTS / "pseudo_labels.txt"), "Text file to add the results to.")


def main(argv: list[str]) -> None:
    settings = SearchSettings(per_pixel=FLAGS.per_pixel)
    index = load_training_people(FLAGS.data_dir, (FLAGS.height, FLAGS.width))
    report(f"{time.strftime('%Y-%m-%d')}  {len(index):,} people at {FLAGS.height}x{FLAGS.width}, {settings}")
    report(f"  {os.cpu_count()} cores, load when it began {os.getloadavg()[0]:.1f}")
    with tempfile.TemporaryDirectory() as folder:
        output = Path(folder) / "pairs.csv"
        wall, processor = time.perf_counter(), time.process_time()
        search_pseudo_labels(index, output, per_pixel=FLAGS.per_pixel)
        wall, processor = time.perf_counter() - wall, time.process_time() - processor
        with open(output, newline="") as file:
            found = {row["from"]: row for row in csv.DictReader(file)}
    report(f"  search: {wall:.0f} s, {processor:.0f} s of processor time; peak memory {peak_memory():.2f} GB")
    report_usefulness(found)
    for line in compared_with_brute_force(index, settings, found, processor / len(index), FLAGS.queries):
        report(f"  {line}")


def compared_with_brute_force(
    index: PeopleIndex, settings: SearchSettings, found: dict, search_seconds: float, number: int
) -> list[str]:
    """The exact energy of some random queries with every candidate whose pose is allowed, in words.

    found: rows of the search's CSV by the query's name. search_seconds: of processor time a query.
    """
    people = pack_people(index, 1 << 40)
    scales = people.part_area() if settings.per_pixel else np.ones(len(index))
    min_distance = settings.min_pose_distance * index.canvas[0]
    queries = np.random.default_rng(0).permutation([index.positions[name] for name in found])[:number]
    near, same, pairs = 0, 0, 0
    everyone = np.arange(len(index))
    allowed = far_enough(index.keypoints, queries, everyone, min_distance)
    label_energy(people, queries[:1], queries[:1])  # compiles
    started = time.process_time()

    def energies_of(query: int, candidates: np.ndarray) -> np.ndarray:
        return label_energy(people, np.full(len(candidates), query), candidates) / scales[candidates]

    with ThreadPoolExecutor() as pool:
        answers = list(pool.map(energies_of, queries, (everyone[may] for may in allowed)))
    for query, may, energies in zip(queries, allowed, answers):
        candidates = everyone[may]
        pairs += len(candidates)
        best = int(np.argmin(energies))
        row = found[index.names[query]]
        same += row["to"] == index.names[candidates[best]]
        near += float(row["energy"]) <= 1.01 * energies[best]
    seconds = (time.process_time() - started) / len(queries)
    return [
        f"brute force by the exact energy, {len(queries)} random queries, {pairs:,} pairs:",
        f"  within 1 % of the true minimum: {near / len(queries):.1%} of queries",
        f"  the same candidate: {same / len(queries):.1%}",
        f"  processor time per query: brute force {seconds:.2f} s, search {1000 * search_seconds:.1f} ms: "
        f"{seconds / search_seconds:.0f} times less",
    ]


def report_usefulness(found: dict) -> None:
    """How often the chosen person wears the same kind of clothes, beside a random person."""
    with open(Path(FLAGS.data_dir) / "attributes.csv", newline="") as file:
        attributes = {row["name"]: row for row in csv.DictReader(file)}
    people = [attributes[name] for name in found]
    for kind in (("sleeves",), ("bottom",), ("sleeves", "bottom")):
        worn = [tuple(person[key] for key in kind) for person in people]
        same = [tuple(attributes[row["to"]][key] for key in kind) for row in found.values()]
        rate = np.mean([a == b for a, b in zip(worn, same)])
        shares = np.array([worn.count(value) for value in set(worn)]) / len(worn)
        report(f"  same {' and '.join(kind)}: {rate:.1%}, by chance {np.sum(shares**2):.1%}")
    chosen = {row["to"] for row in found.values()}
    report(f"  {len(chosen):,} different people are somebody's pseudo-label")


def report(line: str) -> None:
    """Prints a line and adds it to the results."""
    print(line, flush=True)
    path = Path(FLAGS.results)
    path.parent.mkdir(parents=True, exist_ok=True)
    with open(path, "a") as file:
        file.write(line + "\n")


if __name__ == "__main__":
    define_flags()
    app.run(main)
