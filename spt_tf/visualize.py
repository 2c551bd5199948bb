"""Panels for people: skeletons, coloured parsing, rows of results, written as PNG.

Everything here is NumPy and OpenCV on single pictures, RGB uint8 `[H,W,3]`.
"""

from __future__ import annotations

import os
from collections.abc import Sequence

import cv2
import numpy as np

from spt_tf import anatomy
from spt_tf.data.atomic_write import write_whole

GAP = 4  # pixels between cells, after scaling
HEADER = 24  # height of the line of titles
INK = (30, 30, 30)
PAPER = 255


def skeleton_image(keypoints: np.ndarray, canvas: tuple[int, int]) -> np.ndarray:
    """Draws a pose as coloured joints and bones on black.

    Args:
        keypoints: `[18,2]`, (y, x) in pixels of the canvas; a joint with a negative coordinate is missing.
        canvas: (height, width).

    Returns:
        uint8 `[H,W,3]`.
    """
    points = np.asarray(keypoints, np.float32)
    if points.shape != (anatomy.NUM_JOINTS, 2):
        raise ValueError(f"skeleton_image wants keypoints [{anatomy.NUM_JOINTS},2], got {points.shape}")
    height, width = canvas
    picture = np.zeros((height, width, 3), np.uint8)
    present = (points >= 0).all(axis=1)
    thickness = max(1, round(height / 64))
    # OpenCV draws sub-pixel positions given as integers in units of 1/16 pixel.
    fixed = [(round(float(x) * 16), round(float(y) * 16)) for y, x in points]
    for a, b in anatomy.LIMBS:
        if present[a] and present[b]:
            colour = tuple(int(0.7 * c) for c in anatomy.JOINT_COLOURS[b])
            cv2.line(picture, fixed[a], fixed[b], colour, thickness, cv2.LINE_AA, shift=4)
    for joint in np.flatnonzero(present):
        cv2.circle(
            picture,
            fixed[joint],
            round(16 * 1.3 * thickness),
            anatomy.JOINT_COLOURS[joint],
            -1,
            cv2.LINE_AA,
            shift=4,
        )
    return picture


def parsing_image(labels: np.ndarray) -> np.ndarray:
    """Colours label maps: integers `[...,H,W]` in 0..9 -> uint8 `[...,H,W,3]` in `anatomy.LABEL_COLOURS`.

    Raises:
        ValueError: for labels out of range (give `argmax` of a softmax map, not the map itself).
    """
    labels = np.asarray(labels)
    if not np.issubdtype(labels.dtype, np.integer) or labels.min() < 0 or labels.max() >= anatomy.NUM_LABELS:
        raise ValueError(
            f"parsing_image wants integer labels 0..{anatomy.NUM_LABELS - 1}, got {labels.dtype} "
            f"in {labels.min()}..{labels.max()}"
        )
    return np.asarray(anatomy.LABEL_COLOURS, np.uint8)[labels]


def mask_image(mask: np.ndarray) -> np.ndarray:
    """Shows a mask `[H,W]` or `[H,W,1]` with values in [0, 1] as grey uint8 `[H,W,3]`."""
    mask = np.asarray(mask, np.float32)
    if mask.ndim == 3:
        mask = mask[..., 0]
    return np.repeat(np.rint(255 * np.clip(mask, 0, 1)).astype(np.uint8)[..., None], 3, axis=2)


def panel(
    rows: Sequence[Sequence[np.ndarray | None]],
    titles: Sequence[str] | None = None,
    scale: int = 1,
    row_titles: Sequence[str] | None = None,
) -> np.ndarray:
    """Lays pictures out as a table with a line of titles above.

    Args:
        rows: rows of uint8 pictures `[h,w,3]`; smaller ones are centred in their cell, `None` leaves a gap.
        titles: one per column.
        scale: whole factor by which pictures are enlarged (nearest pixel).
        row_titles: one short line under each row.

    Returns:
        uint8 `[H,W,3]`.
    """
    pictures = [cell for row in rows for cell in row if cell is not None]
    if not pictures:
        raise ValueError("panel wants at least one picture")
    for picture in pictures:
        if picture.dtype != np.uint8 or picture.ndim != 3 or picture.shape[2] != 3:
            raise ValueError(f"panel wants uint8 [h,w,3] pictures, got {picture.dtype} {list(picture.shape)}")
    height = scale * max(picture.shape[0] for picture in pictures)
    width = scale * max(picture.shape[1] for picture in pictures)
    columns = max(max(len(row) for row in rows), len(titles or ()))
    header = HEADER if titles else 0
    footer = HEADER if row_titles else 0
    step = height + footer + GAP
    sheet = np.full((header + GAP + step * len(rows), GAP + (width + GAP) * columns, 3), PAPER, np.uint8)
    for column, title in enumerate(titles or ()):
        _write(sheet, title, GAP + column * (width + GAP), 0, width)
    for index, row in enumerate(rows):
        top = header + GAP + index * step
        for column, cell in enumerate(row):
            if cell is not None:
                cell = cell.repeat(scale, axis=0).repeat(scale, axis=1)
                y = top + (height - cell.shape[0]) // 2
                x = GAP + column * (width + GAP) + (width - cell.shape[1]) // 2
                sheet[y : y + cell.shape[0], x : x + cell.shape[1]] = cell
        if row_titles:
            _write(sheet, row_titles[index], GAP, top + height, sheet.shape[1] - 2 * GAP)
    return sheet


def write_png(path: str | os.PathLike, image: np.ndarray) -> None:
    """Writes uint8 `[H,W,3]` RGB (or `[H,W]`) as PNG, whole or not at all; makes the directory."""
    image = np.asarray(image)
    if image.dtype != np.uint8:
        raise ValueError(f"write_png wants uint8, got {image.dtype}")
    coded = cv2.imencode(".png", image[..., ::-1] if image.ndim == 3 else image)[1]
    write_whole(path, coded.tobytes())


def _write(sheet: np.ndarray, text: str, x: int, y: int, width: int) -> None:
    """Writes a line into `sheet`, shrunk until it fits `width`."""
    size, font = 0.45, cv2.FONT_HERSHEY_SIMPLEX
    text_width = cv2.getTextSize(text, font, size, 1)[0][0]
    size = min(size, size * width / max(text_width, 1))
    cv2.putText(sheet, text, (x, y + HEADER - 8), font, size, INK, 1, cv2.LINE_AA)
