"""What --annotations may be: the literature's CSV, or the pose files of any tool."""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np
from absl import logging

from spt_tf.data.annotations import AnnotationRow, read_annotation_rows, read_annotations
from spt_tf.perception.pose_files.picture_files import OneSize, PictureFolder, Pictures
from spt_tf.perception.pose_files.read_poses import read_poses


def is_pose_file(path: str | os.PathLike) -> bool:
    """Whether `path` is another tool's: a folder, or a .json file. Anything else is an annotation CSV."""
    return Path(path).is_dir() or Path(path).suffix.lower() == ".json"


def read_any_annotation_rows(
    path: str | os.PathLike,
    images_dir: str | os.PathLike | None = None,
    canvas: tuple[int, int] | None = None,
    upright: bool = False,
) -> list[AnnotationRow]:
    """Rows of an annotation CSV, or poses of other tools' files as rows in their order.

    Of other tools' files the rules are the defaults of `PoseRules`; what is left out is logged. One that they
    do not fit goes through scripts/import_poses.py first.

    Args:
        images_dir: the folder of the pictures that the poses are of.
        canvas: their size (height, width) where the pictures are not at hand. One of the two is needed.
        upright: whether who uses the pictures turns them as their EXIF orientation says (`PictureFolder`).

    Raises AnnotationError, PoseFileError, OSError.
    """
    if not is_pose_file(path):
        return read_annotation_rows(path)
    pictures: Pictures
    if images_dir is not None:
        pictures = PictureFolder(images_dir, upright)
    elif canvas is not None:
        pictures = OneSize(canvas)
    else:
        raise ValueError(f"{os.fspath(path)}: the pictures' folder or size is needed")
    imported = read_poses(path, pictures)
    for left_out in imported.left_out:
        logging.warning("left out: %s: %s", left_out.name, left_out.reason)
    return [
        AnnotationRow(name, keypoints, number)
        for number, (name, keypoints) in enumerate(imported.keypoints.items(), start=1)
    ]


def read_any_annotations(
    path: str | os.PathLike,
    images_dir: str | os.PathLike | None = None,
    canvas: tuple[int, int] | None = None,
    upright: bool = False,
) -> dict[str, np.ndarray]:
    """`read_any_annotation_rows` as name -> float32 `[18, 2]`; of a CSV, every name stands there once."""
    if not is_pose_file(path):
        return read_annotations(path)
    return {row.name: row.keypoints for row in read_any_annotation_rows(path, images_dir, canvas, upright)}
