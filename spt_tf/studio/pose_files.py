"""A pose file that a person drops onto the page, of any tool that `perception.pose_files` knows."""

from __future__ import annotations

from typing import Any

import numpy as np

from spt_tf.anatomy import MISSING
from spt_tf.perception.pose_files.choose_person import PoseRules, choose_person
from spt_tf.perception.pose_files.coordinates import in_pixels
from spt_tf.perception.pose_files.formats import format_of
from spt_tf.perception.pose_files.found_people import PoseSource
from spt_tf.studio.pictures import fit_to


def read_dropped_pose(
    document: Any, name: str, canvas: tuple[int, int], picture: tuple[int, int] | None
) -> np.ndarray:
    """The best person of the file's first picture, on the canvas: float32 `[18,2]`, (y, x), -1 where missing.

    Args:
        document: the parsed JSON. name: the file's, for errors; it is not opened.
        picture: (height, width) of the picture that was dropped with it, which counts where the file does not
            tell of any; None: coordinates are pixels of the canvas.

    Raises PoseFileError, NobodyChosen.
    """
    source = PoseSource(name)
    pose_format = format_of(document, source)
    found = pose_format.read(document, source)
    if not found:
        raise source.error("no picture in it")
    size = found[0].size or picture or canvas
    people = in_pixels(found[0], size, None, source)
    keypoints = choose_person(people, size, PoseRules(), pose_format.min_score).keypoints
    fit = fit_to(size, canvas)
    # Between the middles of pixels, as everywhere.
    placed = (keypoints + 0.5) * fit.scale + np.array(fit.offset) - 0.5
    placed = np.clip(placed, 0, np.array(canvas) - 1)
    seen = (keypoints >= 0).all(axis=1, keepdims=True)
    return np.where(seen, placed, MISSING).astype(np.float32)
