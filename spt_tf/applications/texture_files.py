"""Texture transfers between people of a folder, and their pictures."""

from __future__ import annotations

import os
import pathlib
from collections.abc import Collection, Sequence
from typing import NamedTuple

import numpy as np
import tqdm
from absl import logging

from spt_tf import anatomy, visualize
from spt_tf.applications.person_picture import Painter, PersonPicture, person_of
from spt_tf.applications.pose_transfer import SHEET_ROWS, result_name
from spt_tf.applications.texture_transfer import (
    NotWorn,
    check_worn,
    labels_from,
    shared_garments,
    transfer_texture,
    views_differ,
)
from spt_tf.data.people_index import PeopleIndex

ALL, GARMENTS = "all", "garments"


class TextureTransfer(NamedTuple):
    """One picture to make: garments of `source` on `target`, by name; labels None is all of the source."""

    source: str
    target: str
    labels: tuple[int, ...] | None


def plan_texture_transfers(
    index: PeopleIndex, pairs: Sequence[tuple[str, str]], labels: str
) -> list[TextureTransfer]:
    """Checks every pair before anything is drawn.

    labels: names of labels, comma between; `garments`: those that both wear; `all`: the whole picture.

    Raises ValueError naming the pair and what is wrong with it.
    """
    chosen = None if labels in (ALL, GARMENTS) else labels_from(labels)
    transfers = []
    for source, target in pairs:
        people = person_of(index, source), person_of(index, target)
        try:
            if labels == GARMENTS:
                transfers.append(TextureTransfer(source, target, shared_garments(*people)))
                continue
            check_worn(*people, chosen or ())
            transfers.append(TextureTransfer(source, target, chosen))
        except NotWorn as problem:
            raise NotWorn(f"{source} > {target}: {problem}") from None
    return transfers


def write_texture_transfers(
    painter: Painter,
    index: PeopleIndex,
    transfers: Sequence[TextureTransfer],
    output_dir: str | os.PathLike,
    pose: np.ndarray | None = None,
    relight: bool = True,
) -> list[pathlib.Path]:
    """Makes the pictures: `source___target.png` each, and `sheet.png` of the first `SHEET_ROWS`.

    pose: keypoints `[18,2]` that every target takes; None: its own. relight: as `transfer_texture`.
    Warns where source and target are seen from opposite sides.
    """
    output_dir = pathlib.Path(output_dir)
    paths: list[pathlib.Path] = []
    rows: list[list[np.ndarray]] = []
    captions: list[str] = []
    for transfer in tqdm.tqdm(transfers, unit="image", desc="transfer_texture"):
        source, target = person_of(index, transfer.source), person_of(index, transfer.target)
        if views_differ(source, target.keypoints if pose is None else pose):
            logging.warning(
                "%s > %s: one is seen from the front and the other from behind; what is hidden is invented",
                transfer.source,
                transfer.target,
            )
        made = transfer_texture(painter, source, target, transfer.labels, pose, relight)
        paths.append(output_dir / result_name(transfer.source, transfer.target))
        visualize.write_png(paths[-1], made.image)
        if len(rows) < SHEET_ROWS:
            rows.append(_cells(source, target, made))
            captions.append(f"{transfer.source} > {transfer.target}: {_named(transfer.labels)}")
    titles = ["source", "target", "parsing", "result"]
    scale = max(1, round(256 / index.canvas[0]))
    visualize.write_png(output_dir / "sheet.png", visualize.panel(rows, titles, scale, captions))
    return paths


def _cells(source: PersonPicture, target: PersonPicture, made: PersonPicture) -> list[np.ndarray]:
    return [source.image, target.image, visualize.parsing_image(made.parsing), made.image]


def _named(labels: Collection[int] | None) -> str:
    return "all" if labels is None else ", ".join(anatomy.LABELS[label] for label in labels)
