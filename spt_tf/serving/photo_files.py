"""Photos in a folder, as a request that takes photos needs them: their bytes, by name."""

from __future__ import annotations

import os
from pathlib import Path
from typing import NamedTuple

import numpy as np

from spt_tf.data.file_reading import UnreadableFile, read_bytes
from spt_tf.perception.pose_files.any_annotations import read_any_annotations
from spt_tf.serving.people_files import PeopleFiles, PeoplePaths, RowError
from spt_tf.serving.photo_signatures import TRANSFER_POSE_BETWEEN_PHOTOS, TRANSFER_POSE_FROM_PHOTO


class PhotoPaths(NamedTuple):
    """Folders of source and of target photos, or the targets' keypoints on the model's canvas."""

    photos_dir: str | os.PathLike
    target_photos_dir: str | os.PathLike | None = None
    target_annotations: str | os.PathLike | None = None

    @property
    def signature(self) -> str:
        """The signature that answers for a pair."""
        return TRANSFER_POSE_FROM_PHOTO if self.target_annotations else TRANSFER_POSE_BETWEEN_PHOTOS


class PhotoFiles:
    """The photos in `paths`; without anything of the targets, those of `photos_dir` are targets too.

    signature: that answers for a pair. Raises UnreadableFile where annotations are malformed; `inputs` raises
    RowError.
    """

    def __init__(self, paths: PhotoPaths):
        self.signature = paths.signature
        self._sources = Path(paths.photos_dir)
        self._targets = Path(paths.target_photos_dir or paths.photos_dir)
        self._keypoints = None
        if paths.target_annotations:
            self._keypoints = read_any_annotations(paths.target_annotations)

    def inputs(self, source: str, target: str) -> dict[str, np.ndarray]:
        """Inputs of the signature for a pair, without the batch axis."""
        photo = _bytes(self._sources / source, source)
        if self._keypoints is None:
            return {"source_photo": photo, "target_photo": _bytes(self._targets / target, target)}
        if target not in self._keypoints:
            raise RowError(f"keypoints of {target}: not in the annotation file")
        return {"source_photo": photo, "target_keypoints": self._keypoints[target]}


def open_people(paths: PeoplePaths | PhotoPaths) -> PeopleFiles | PhotoFiles:
    """The people of either kind of paths; raises as their classes do."""
    return PhotoFiles(paths) if isinstance(paths, PhotoPaths) else PeopleFiles(paths)


def _bytes(path: Path, name: str) -> np.ndarray:
    try:
        return np.array(read_bytes(path), object)
    except UnreadableFile as error:
        raise RowError(f"photo {name}: {error}") from error
