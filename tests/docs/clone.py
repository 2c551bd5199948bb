"""A stand-in for a clone in which the demo has run: data, an untrained run, its export, an environment."""

from __future__ import annotations

import pathlib
import shutil
import sys

import cv2
import numpy as np

from spt_tf.data.annotations import read_annotations
from spt_tf.data.parsing_maps import read_parsing_map
from spt_tf.inference import load_finished_run
from spt_tf.paper_dolls.dataset import DatasetPlan, write_dataset
from spt_tf.perception.finder import load_finder
from spt_tf.serving.saved_model import export_run
from tests.perception.pose_files import writers
from tests.perception.tiny import write_untrained_finder
from tests.untrained_run import write_untrained_run

ROOT = pathlib.Path(__file__).resolve().parents[2]
CANVAS = (64, 32)  # the demo's
_OWN = ("datasets", "runs", "models")  # what a reader's clone holds beside the project
_LINE = '{"stage": "semantic", "step": 50, "cross_entropy": 1.0}\n'


def make_clone(folder: pathlib.Path) -> None:
    """Fills a folder: links to the project's files, and what README.md and BUILD.md take for granted."""
    for path in ROOT.iterdir():
        if not path.name.startswith(".") and path.name not in _OWN:
            (folder / path.name).symlink_to(path)
    datasets, runs = folder / "datasets", folder / "runs"
    _write_dolls(datasets / "demo", CANVAS)
    _write_dolls(datasets / "market", (128, 64))
    _write_dolls(datasets / "deepfashion", (256, 256))
    _write_photos(folder, datasets / "demo")
    write_untrained_run(runs / "demo", CANVAS, filter_scale=8)
    shutil.copy(datasets / "demo" / "market-pairs-test.csv", runs / "demo" / "pairs.csv")
    (runs / "market").mkdir()
    for run in ("demo", "market"):
        (runs / run / "metrics.jsonl").write_text(_LINE)
    finder = load_finder(write_untrained_finder(runs / "perception", height=CANVAS[0], width=CANVAS[1]))
    run = load_finished_run(str(runs / "demo"))
    export_run(run, runs / "demo", folder / "models" / "spt", finder=finder)
    _write_environment(folder / ".venv" / "bin")


def _write_dolls(folder: pathlib.Path, canvas: tuple[int, int]) -> None:
    """Four people to train on, and two to test on, who are called as the demo's first two."""
    write_dataset(folder, DatasetPlan(canvas, 0, 4, 2))
    for drawn, named in (("0005", "3001"), ("0006", "3002")):
        for path in folder.rglob(f"{drawn}_*"):
            path.rename(path.with_name(path.name.replace(drawn, named)))
        for table in folder.glob("*.csv"):
            table.write_text(table.read_text().replace(f"{drawn}_c", f"{named}_c"))


def _write_photos(folder: pathlib.Path, dolls: pathlib.Path) -> None:
    """photos/, openpose_json/ and schp_output/ of two dolls, enlarged to two sizes, the labels LIP's."""
    lip = np.array([0, 13, 2, 5, 9, 12, 14, 15, 16, 17], np.uint8)
    for name in ("photos", "openpose_json", "schp_output"):
        (folder / name).mkdir()
    people = read_annotations(dolls / "market-annotation-test.csv")
    for times, (name, pose) in zip((5, 8), people.items()):
        stem = name[:-4]
        image = cv2.imread(str(dolls / "test" / name)).repeat(times, 0).repeat(times, 1)
        labels = lip[read_parsing_map(dolls / "parsing" / "test" / f"{stem}.png")]
        cv2.imwrite(str(folder / "photos" / name), image)
        cv2.imwrite(str(folder / "schp_output" / f"{stem}.png"), labels.repeat(times, 0).repeat(times, 1))
        there = (pose >= 0).all(axis=1, keepdims=True)
        found = writers.openpose(np.where(there, (pose + 0.5) * times - 0.5, -1))
        writers.write(folder / "openpose_json" / f"{stem}_keypoints.json", found)


def _write_environment(folder: pathlib.Path) -> None:
    """`activate` and `python`: the interpreter that runs the tests."""
    folder.mkdir(parents=True)
    (folder / "activate").write_text(f'export PATH="{folder}:$PATH"\n')
    (folder / "python").write_text(f'#!/bin/sh\nexec "{sys.executable}" "$@"\n')
    (folder / "python").chmod(0o755)
