"""What lies beside the prepared pictures: who came from where, who was left out, a sheet to look at."""

from __future__ import annotations

import csv
import io
import itertools
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from spt_tf.data.annotations import write_pairs
from spt_tf.data.atomic_write import write_whole
from spt_tf.data.left_out_list import write_left_out
from spt_tf.perception.pose_files.overlay import with_skeleton
from spt_tf.perception.pose_files.read_poses import LeftOutPose
from spt_tf.perception.prepare.box import Box
from spt_tf.perception.prepare.settings import OnCanvas, PreparedPerson
from spt_tf.visualize import panel, parsing_image

DATA_SET = "people"  # what annotation and pair files are called after
SHEET_PEOPLE = 32
_SHEET_COLUMNS = 8


def write_lists(
    root: Path, split: str, people: Sequence[PreparedPerson], left_out: Sequence[LeftOutPose], pairs: bool
) -> None:
    """Writes `prepared-<split>.csv` (name, photo, box), `left-out-<split>.csv`, and all pairs if asked."""
    text = io.StringIO()
    rows = csv.writer(text, lineterminator="\n")
    rows.writerow(("name", "photo", *Box._fields))
    rows.writerows((person.name, person.photo, *person.box) for person in people)
    write_whole(root / f"prepared-{split}.csv", text.getvalue().encode())
    write_left_out(root / f"left-out-{split}.csv", left_out)
    if pairs:
        names = [person.name for person in people]
        write_pairs(root / f"{DATA_SET}-pairs-{split}.csv", itertools.permutations(names, 2))


def sheet_of(people: Sequence[OnCanvas]) -> np.ndarray:
    """Pictures with their skeletons, their label maps beneath: uint8 `[H,W,3]`."""
    rows: list[list[np.ndarray | None]] = []
    for start in range(0, len(people), _SHEET_COLUMNS):
        part = people[start : start + _SHEET_COLUMNS]
        rows.append([with_skeleton(one.image, one.person.keypoints) for one in part])
        if part[0].labels is not None:
            rows.append([parsing_image(one.labels) for one in part if one.labels is not None])
    return panel(rows, scale=max(1, 192 // people[0].image.shape[0]))
