"""Skeletons drawn over the pictures they are of: the fastest check of an imported pose."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path

import cv2
import numpy as np
from PIL import Image, ImageOps

from spt_tf.visualize import panel, skeleton_image, write_png

_MOST = 48  # pictures on a sheet: more would make one that nobody can open
_COLUMNS = 8
_CELL = 256  # pixels, height and width that a picture fits into


def write_overlay_sheet(
    path: str | os.PathLike, folder: str | os.PathLike, keypoints: Mapping[str, np.ndarray]
) -> int:
    """Writes a sheet of up to 48 of the pictures of `folder`, spread evenly, with their poses drawn on.

    keypoints: picture name -> `[18, 2]`, (y, x) in pixels of the picture as it is shown.
    Returns the number of pictures on it. Raises OSError where a picture cannot be opened.
    """
    names = list(keypoints)
    if len(names) > _MOST:
        names = [names[round(place)] for place in np.linspace(0, len(names) - 1, _MOST)]
    cells = [_cell(Path(folder, name), keypoints[name]) for name in names]
    starts = range(0, len(cells), _COLUMNS)
    rows = [cells[start : start + _COLUMNS] for start in starts]
    captions = ["   ".join(names[start : start + _COLUMNS]) for start in starts]
    write_png(path, panel(rows, row_titles=captions))
    return len(names)


def with_skeleton(image: np.ndarray, keypoints: np.ndarray) -> np.ndarray:
    """A picture, uint8 RGB `[H,W,3]`, with a pose `[18, 2]` of its own pixels drawn over it."""
    drawn = skeleton_image(keypoints, (image.shape[0], image.shape[1]))
    return np.where(drawn.any(axis=-1, keepdims=True), drawn, image)


def _cell(path: Path, keypoints: np.ndarray) -> np.ndarray:
    with Image.open(path) as opened:
        # A JPEG is decoded at a fraction of its size, which is many times faster for a large photo.
        full = ImageOps.exif_transpose(opened).size if opened.getexif() else opened.size
        opened.draft("RGB", (2 * _CELL, 2 * _CELL))
        image = np.array(ImageOps.exif_transpose(opened).convert("RGB"))
    factor = min(_CELL / full[1], _CELL / full[0])
    size = (max(1, round(full[0] * factor)), max(1, round(full[1] * factor)))
    image = cv2.resize(image, size, interpolation=cv2.INTER_AREA if factor < 1 else cv2.INTER_LINEAR)
    scale = np.array([image.shape[0] / full[1], image.shape[1] / full[0]])
    there = (keypoints >= 0).all(axis=1, keepdims=True)
    moved = np.where(there, np.maximum((keypoints + 0.5) * scale - 0.5, 0), -1)
    return with_skeleton(image, moved)
