"""Writes a paper-doll data set in Market-1501's own layout.

<dir>/train/*.jpg  <dir>/test/*.jpg  <dir>/parsing/{train,test}/*.png
<dir>/market-annotation-{train,test}.csv  <dir>/market-pairs-test.csv  <dir>/attributes.csv
<dir>/market-pairs-train.csv, where training people come in pairs
"""

from __future__ import annotations

import csv
import io
import multiprocessing
import os
import shutil
import tempfile
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path, PurePosixPath
from typing import NamedTuple

import cv2
import numpy as np

from spt_tf.data.annotations import write_annotations, write_pairs
from spt_tf.data.atomic_write import write_whole
from spt_tf.data.parsing_maps import write_parsing_map
from spt_tf.paper_dolls.doll_pose import DollPose
from spt_tf.paper_dolls.people import (
    ATTRIBUTES,
    DrawnDoll,
    draw_test_person,
    draw_training_pair,
    draw_training_person,
)

JPEG_QUALITY = 95


class DatasetPlan(NamedTuple):
    """What to draw.

    canvas: (height, width) pixels. seed: decides everything. num_test_pairs: people with two test images.
    training_poses: (image name, pose) of each training person; None for poses of the kinematic model.
    train_pairs: draw every training person a second time, in another pose, and list the pairs: for supervised
        comparisons alone. The first images are those of the same plan without. Not with `training_poses`.
    """

    canvas: tuple[int, int]
    seed: int
    num_train: int
    num_test_pairs: int
    training_poses: tuple[tuple[str, DollPose], ...] | None = None
    train_pairs: bool = False


class _Written(NamedTuple):
    split: str
    name: str
    keypoints: np.ndarray
    attributes: dict[str, str]


def write_dataset(
    output_dir: str | os.PathLike,
    plan: DatasetPlan,
    processes: int = 1,
    report: Callable[[int, int], None] = lambda done, total: None,
) -> None:
    """Draws and writes the whole data set; the directory appears when everything is in it.

    Args:
        output_dir: must not exist, or be empty.
        processes: worker processes; 1 draws in this one. The files do not depend on it.
        report: called with (people drawn, people in all).

    Raises:
        FileExistsError: output_dir holds something.
    """
    output_dir = Path(output_dir)
    if output_dir.exists() and (not output_dir.is_dir() or any(output_dir.iterdir())):
        raise FileExistsError(f"{output_dir} is not empty; paper dolls are not written over anything")
    output_dir.parent.mkdir(parents=True, exist_ok=True)
    partial_dir = Path(
        tempfile.mkdtemp(prefix=f".{output_dir.name}.", suffix=".partial", dir=output_dir.parent)
    )
    try:
        for split in ("train", "test"):
            (partial_dir / split).mkdir()
            (partial_dir / "parsing" / split).mkdir(parents=True)
        written: list[_Written] = []
        jobs = [("train", k) for k in range(plan.num_train)] + [
            ("test", k) for k in range(plan.num_test_pairs)
        ]
        for done, images in enumerate(_drawn(partial_dir, plan, jobs, processes), start=1):
            written += images
            report(done, len(jobs))
        _write_tables(partial_dir, written, plan.train_pairs)
        partial_dir.chmod(0o755)
        if output_dir.exists():
            output_dir.rmdir()
        partial_dir.rename(output_dir)
    except BaseException:
        shutil.rmtree(partial_dir, ignore_errors=True)
        raise


def _drawn(
    folder: Path, plan: DatasetPlan, jobs: list[tuple[str, int]], processes: int
) -> Iterator[list[_Written]]:
    if processes == 1:
        yield from map(partial(_write_person, folder, plan), jobs)
        return
    # Spawned, not forked: the caller may hold TensorFlow's threads.
    with multiprocessing.get_context("spawn").Pool(
        processes, initializer=_begin_worker, initargs=(folder, plan)
    ) as pool:
        yield from pool.imap(_write_in_worker, jobs, chunksize=16)


# What a worker process draws, where to. Sent to it once: a plan may hold the poses of a whole data set.
_worker: list[tuple[Path, DatasetPlan]] = []


def _begin_worker(folder: Path, plan: DatasetPlan) -> None:
    cv2.setNumThreads(1)
    _worker[:] = [(folder, plan)]


def _write_in_worker(job: tuple[str, int]) -> list[_Written]:
    return _write_person(*_worker[0], job)


def _write_person(folder: Path, plan: DatasetPlan, job: tuple[str, int]) -> list[_Written]:
    split, number = job
    dolls: tuple[DrawnDoll, ...]
    if split == "test":
        dolls = draw_test_person(plan.seed, number, plan.canvas)
        # Numbered on from the training people, so that no two people share an id.
        person = plan.num_train + 1 + number
        names = [market_name(person, camera=1 + number // 3 % 6, frame=place) for place in (1, 2)]
    elif plan.train_pairs:
        dolls = draw_training_pair(plan.seed, number, plan.canvas)
        names = [market_name(number + 1, camera=1 + number % 6, frame=place) for place in (1, 2)]
    elif plan.training_poses is None:
        dolls = (draw_training_person(plan.seed, number, plan.canvas),)
        names = [market_name(number + 1, camera=1 + number % 6, frame=1)]
    else:
        name, pose = plan.training_poses[number]
        dolls, names = (draw_training_person(plan.seed, number, plan.canvas, pose),), [name]
    return [_write_image(folder, split, name, doll) for name, doll in zip(names, dolls)]


def market_name(person: int, camera: int, frame: int) -> str:
    """Market-1501's file name of a person's image."""
    return f"{person:04d}_c{camera}s1_{frame:06d}_00.jpg"


def _write_image(folder: Path, split: str, name: str, doll: DrawnDoll) -> _Written:
    picture = doll.picture
    suffix = PurePosixPath(name).suffix or ".jpg"
    encoded = cv2.imencode(suffix, picture.image[..., ::-1], [cv2.IMWRITE_JPEG_QUALITY, JPEG_QUALITY])[1]
    (folder / split / name).write_bytes(encoded.tobytes())
    write_parsing_map(folder / "parsing" / split / f"{PurePosixPath(name).stem}.png", picture.parsing)
    return _Written(split, name, picture.keypoints, doll.attributes)


def _write_tables(folder: Path, written: list[_Written], train_pairs: bool) -> None:
    for split in ("train", "test"):
        people = {image.name: image.keypoints for image in written if image.split == split}
        write_annotations(folder / f"market-annotation-{split}.csv", people)
    for split in ("train", "test") if train_pairs else ("test",):
        names = [image.name for image in written if image.split == split]
        write_pairs(folder / f"market-pairs-{split}.csv", zip(names[::2], names[1::2]))
    table = io.StringIO()
    rows = csv.DictWriter(table, ("name", "split", *ATTRIBUTES), lineterminator="\n")
    rows.writeheader()
    for image in written:
        rows.writerow({"name": image.name, "split": image.split, **image.attributes})
    write_whole(folder / "attributes.csv", table.getvalue().encode())
