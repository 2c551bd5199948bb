"""Keypoints of the pictures that label maps are of, in the maps' own pixels."""

from __future__ import annotations

import os
from pathlib import Path, PurePath
from typing import NamedTuple

import numpy as np

from spt_tf.data.parsing_maps import ParsingMapError
from spt_tf.perception.pose_files.any_annotations import is_pose_file, read_any_annotations
from spt_tf.perception.pose_files.picture_files import NoSuchPicture, PictureFolder


class MapPose(NamedTuple):
    """A picture's keypoints `[18, 2]`, (y, x), -1 missing, and its (height, width) where that is known."""

    keypoints: np.ndarray
    size: tuple[int, int] | None = None

    def on(self, shape: tuple[int, ...], path: Path) -> np.ndarray:
        """The keypoints in the pixels of a map of this shape. Raises ParsingMapError if they do not fit."""
        size = self.size or shape
        there = (self.keypoints >= 0).all(axis=1, keepdims=True)
        if (self.keypoints >= size).any():
            raise ParsingMapError(
                path,
                f"the keypoints lie outside its {shape[0]}x{shape[1]} pixels: give the photos, --images_dir",
            )
        factor = np.array(shape) / size
        return np.where(there, np.maximum((self.keypoints + 0.5) * factor - 0.5, 0), -1)


def read_map_poses(
    annotations: str | os.PathLike, images_dir: str | os.PathLike | None = None
) -> dict[str, MapPose]:
    """Poses by the stems of their pictures, from an annotation CSV or other tools' pose files.

    images_dir: the photos; needed for pose files, and where maps are of another size than the photos.

    Raises ValueError where two pictures have one stem or the folder is needed, UnreadableFile, OSError.
    """
    if images_dir is None and is_pose_file(annotations):
        raise ValueError(f"{os.fspath(annotations)}: pose files need the photos, --images_dir")
    folder = None if images_dir is None else PictureFolder(images_dir, upright=True)
    poses: dict[str, MapPose] = {}
    for name, keypoints in read_any_annotations(annotations, images_dir, upright=True).items():
        stem = PurePath(name).stem
        if stem in poses:
            raise ValueError(f"{os.fspath(annotations)}: two pictures are called '{stem}'")
        poses[stem] = MapPose(keypoints, None if folder is None else _size(folder, name))
    return poses


def _size(folder: PictureFolder, name: str) -> tuple[int, int] | None:
    try:
        return folder.size(folder.find(name))
    except NoSuchPicture:
        return None
