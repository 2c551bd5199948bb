"""One label map of another parser: labels, colours, or a score for each label."""

from __future__ import annotations

import io
from collections.abc import Mapping
from pathlib import Path

import numpy as np
from PIL import Image

from spt_tf.data.file_reading import MOST_PIXELS, UnreadableFile, read_array, read_bytes, reading
from spt_tf.data.parsing_maps import ParsingMapError, read_parsing_map
from spt_tf.perception.parsing_files.colours import ColourError, labels_of
from spt_tf.perception.parsing_files.parser_outputs import is_score_array


def read_colours(path: Path) -> np.ndarray | None:
    """A colour picture's uint8 `[H, W, 3]`, or None where the file is no colour picture.

    Raises ParsingMapError on one that is not opaque: what a half transparent colour stands for is a guess.
    """
    if path.suffix != ".png":
        return None
    content = read_bytes(path)
    with reading(path, "PNG file"), Image.open(io.BytesIO(content), formats=("PNG",)) as picture:
        if picture.mode not in ("RGB", "RGBA"):
            return None
        if picture.width * picture.height > MOST_PIXELS:
            raise ParsingMapError(path, f"{picture.height}x{picture.width} pixels are too many")
        pixels = np.array(picture)
    if pixels.shape[-1] == 4 and (pixels[..., 3] != 255).any():
        raise ParsingMapError(path, "a colour picture that is not opaque")
    return pixels[..., :3]


def read_labels(path: Path, num_labels: int, code: Mapping[int, int] | None = None) -> np.ndarray:
    """Labels uint8 `[H, W]` under `num_labels`.

    code: what colours stand for (`colours.choose_code`), where there are colour pictures in the folder.
    Raises ParsingMapError, MissingFile.
    """
    try:
        if path.suffix == ".npy" and is_score_array(path):
            return _highest_scores(path, num_labels)
        colours = None if code is None else read_colours(path)
        if colours is None or code is None:
            return read_parsing_map(path, num_labels)
        return labels_of(colours, code)
    except ColourError as error:
        raise ParsingMapError(path, str(error)) from error


def _highest_scores(path: Path, num_labels: int) -> np.ndarray:
    """The label with the highest score: of `[H, W, labels]`, as SCHP writes them, or `[labels, H, W]`."""
    scores = read_array(path)
    axes = [axis for axis in (2, 0) if scores.shape[axis] == num_labels]
    if not axes or scores.shape[0] == scores.shape[2]:
        raise ParsingMapError(
            path, f"scores of shape {scores.shape}, where [H, W, {num_labels}] is expected for this label set"
        )
    if not np.isfinite(scores).all():
        raise UnreadableFile(path, "scores that are not finite")
    return scores.argmax(axis=axes[0]).astype(np.uint8)
