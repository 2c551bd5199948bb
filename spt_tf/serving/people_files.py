"""People in files, as a request needs them: image, label map, keypoints, by image name."""

from __future__ import annotations

import os
from pathlib import Path
from typing import NamedTuple

import numpy as np

from spt_tf.data.file_reading import MissingFile, UnreadableFile
from spt_tf.data.images import read_image
from spt_tf.data.parsing_maps import find_parsing_map, read_parsing_map
from spt_tf.perception.pose_files.any_annotations import read_any_annotations


class RowError(ValueError):
    """A person who cannot be read; says why."""


class PeoplePaths(NamedTuple):
    """A folder of images, one of label maps (`<stem>.png` or `.npy`) and an annotation CSV or pose files.

    With `target_parsing_dir`, targets have label maps of their own there, under the same names.
    """

    images_dir: str | os.PathLike
    parsing_dir: str | os.PathLike
    annotations: str | os.PathLike
    target_parsing_dir: str | os.PathLike | None = None


class PeopleFiles:
    """The people in `paths`.

    Raises `spt_tf.data.file_reading.UnreadableFile` where the annotations are malformed. Methods raise
    RowError.
    """

    def __init__(self, paths: PeoplePaths):
        self._paths = paths
        self._keypoints = read_any_annotations(paths.annotations, paths.images_dir)

    @property
    def has_target_parsing(self) -> bool:
        """Whether targets have label maps of their own."""
        return self._paths.target_parsing_dir is not None

    def image(self, name: str) -> np.ndarray:
        """uint8 `[H,W,3]`."""
        try:
            return read_image(Path(self._paths.images_dir, name))
        except UnreadableFile as error:
            raise RowError(f"image {name}: {error}") from error

    def parsing(self, name: str) -> np.ndarray:
        """uint8 `[H,W]`, labels 0..9."""
        return _read_parsing(self._paths.parsing_dir, name)

    def target_parsing(self, name: str) -> np.ndarray:
        """uint8 `[H,W]`, labels 0..9; RowError where there is no `target_parsing_dir`."""
        if self._paths.target_parsing_dir is None:
            raise RowError(f"target parsing of {name}: no folder of target parsings was given")
        return _read_parsing(self._paths.target_parsing_dir, name)

    def keypoints(self, name: str) -> np.ndarray:
        """float32 `[18,2]`, (y, x), -1 missing."""
        if name not in self._keypoints:
            raise RowError(f"keypoints of {name}: not in the annotation file")
        return self._keypoints[name]

    def inputs(self, source: str, target: str) -> dict[str, np.ndarray]:
        """Inputs of the signature that answers for a pair, without the batch axis."""
        inputs = {
            "source_image": self.image(source),
            "source_parsing": self.parsing(source),
            "source_keypoints": self.keypoints(source),
            "target_keypoints": self.keypoints(target),
        }
        if self.has_target_parsing:
            inputs["target_parsing"] = self.target_parsing(target)
        return inputs


def _read_parsing(folder: str | os.PathLike, name: str) -> np.ndarray:
    try:
        return read_parsing_map(find_parsing_map(folder, name))
    except MissingFile as error:
        raise RowError(f"parsing of {name}: no {error.path} or .npy") from error
    except UnreadableFile as error:
        raise RowError(f"parsing of {name}: {error}") from error
