"""Edited label maps of people of a folder, and the people drawn on them."""

from __future__ import annotations

import os
import pathlib
import zlib
from collections.abc import Mapping, Sequence

import numpy as np
import tqdm

from spt_tf import visualize
from spt_tf.applications.parsing_edits.edits import Edits, draw_edited, edit_parsing
from spt_tf.applications.parsing_edits.take_label import with_label_of
from spt_tf.applications.parsing_edits.zones import CannotPlace
from spt_tf.applications.person_picture import Painter, person_of
from spt_tf.applications.pose_transfer import SHEET_ROWS, result_name
from spt_tf.applications.texture_transfer import labels_from
from spt_tf.data.parsing_maps import write_parsing_map
from spt_tf.data.people_index import PeopleIndex
from spt_tf.data.person_files import Unusable, check_parsing
from spt_tf.inference import FinishedRun


def edit_maps(index: PeopleIndex, names: Sequence[str], edits: Edits) -> dict[str, np.ndarray]:
    """Each person's edited map, by name. Raises ValueError naming whose edit cannot be placed, and why."""
    edited = {}
    for name in names:
        person = person_of(index, name)
        try:
            edited[name] = edit_parsing(person.parsing, person.keypoints, edits)
        except CannotPlace as problem:
            raise CannotPlace(f"{name}: {problem}") from None
    return edited


def read_edited_maps(
    folder: str | os.PathLike, names: Sequence[str], canvas: tuple[int, int]
) -> dict[str, np.ndarray]:
    """Maps drawn elsewhere, `<stem>.png` or `.npy`, by name. Raises ValueError naming one that is no map."""
    edited = {}
    for name in names:
        try:
            packed = check_parsing((pathlib.Path(folder),), name, canvas).packed
        except Unusable as problem:
            raise ValueError(f"edited map of {name}: {problem.reason.value} {problem.detail}") from None
        edited[name] = np.frombuffer(zlib.decompress(packed), np.uint8).reshape(canvas)
    return edited


def take_label(
    run: FinishedRun, index: PeopleIndex, edited: Mapping[str, np.ndarray], wish: str
) -> dict[str, np.ndarray]:
    """Everybody's map with one label's region from another person, whose map H_S moves into each one's pose.

    wish: `LABEL:NAME`. Raises ValueError where it is none, or the person is unknown or lacks the label.
    """
    label, _, name = wish.partition(":")
    (number,) = labels_from(label)
    other = person_of(index, name)
    if not (other.parsing == number).any():
        raise ValueError(f"take: {name} has no {label}")
    taken = {}
    for mine, parsing in edited.items():
        moved = run.transform_parsing(other.parsing, other.keypoints, person_of(index, mine).keypoints)
        taken[mine] = with_label_of(parsing, moved.numpy(), number)
    return taken


def write_edits(
    painter: Painter | None,
    index: PeopleIndex,
    edited: Mapping[str, np.ndarray],
    output_dir: str | os.PathLike,
    keep_unchanged: bool = True,
    fill: bool = True,
) -> list[pathlib.Path]:
    """Writes `parsing/<stem>.png` of every map; with a painter `<stem>.png` of the person and `sheet.png`.

    keep_unchanged, fill: as `draw_edited`. Returns the pictures' paths; the maps' without a painter.
    """
    output_dir = pathlib.Path(output_dir)
    paths: list[pathlib.Path] = []
    rows: list[list[np.ndarray]] = []
    captions: list[str] = []
    for name, parsing in tqdm.tqdm(edited.items(), unit="image", desc="edit_parsing"):
        file_name = result_name(name)
        write_parsing_map(output_dir / "parsing" / file_name, parsing)
        if painter is None:
            paths.append(output_dir / "parsing" / file_name)
            continue
        person = person_of(index, name)
        made = draw_edited(painter, person, parsing, keep_unchanged, fill)
        paths.append(output_dir / file_name)
        visualize.write_png(paths[-1], made.image)
        if len(rows) < SHEET_ROWS:
            maps = [visualize.parsing_image(labels) for labels in (person.parsing, parsing)]
            rows.append([person.image, *maps, made.image])
            captions.append(name)
    if rows:
        scale = max(1, round(256 / index.canvas[0]))
        titles = ["source", "parsing", "edited", "result"]
        visualize.write_png(output_dir / "sheet.png", visualize.panel(rows, titles, scale, captions))
    return paths
