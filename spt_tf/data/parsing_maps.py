"""Label maps on disk: indexed PNG or NPY."""

from __future__ import annotations

import io
import os
from pathlib import Path

import numpy as np
from PIL import Image

from spt_tf.anatomy import LABEL_COLOURS, NUM_LABELS
from spt_tf.data.atomic_write import write_whole
from spt_tf.data.file_reading import (
    MOST_PIXELS,
    MissingFile,
    UnreadableFile,
    read_array,
    read_bytes,
    reading,
)


class ParsingMapError(UnreadableFile):
    """A file that holds no label map."""


class UnknownLabelError(ParsingMapError):
    """A label map with labels that its palette does not have."""


def read_parsing_map(path: str | os.PathLike, num_labels: int = NUM_LABELS) -> np.ndarray:
    """Reads a label map: an indexed or grey PNG (the stored index is the label), or an NPY of whole numbers.

    Returns uint8 `[H, W]` with labels under `num_labels` (the ten of `anatomy.LABELS` unless another palette
    is to be converted). Raises UnknownLabelError on other labels, ParsingMapError on anything else that is
    not a label map, MissingFile.
    """
    try:
        labels = read_array(path) if Path(path).suffix == ".npy" else _read_picture(path)
    except (ParsingMapError, MissingFile):
        raise
    except UnreadableFile as error:
        raise ParsingMapError(error.path, error.problem) from error
    if labels.ndim != 2 or not labels.size or not np.issubdtype(labels.dtype, np.integer):
        raise ParsingMapError(
            path, f"expected [H, W] whole numbers, found {labels.dtype} of shape {labels.shape}"
        )
    lowest, highest = int(labels.min()), int(labels.max())
    if lowest < 0 or highest >= num_labels:
        wrong = lowest if lowest < 0 else highest
        raise UnknownLabelError(path, f"label {wrong}, where labels run from 0 to {num_labels - 1}")
    return labels.astype(np.uint8)


def find_parsing_map(folder: str | os.PathLike, image_name: str) -> Path:
    """`<stem>.png` or `<stem>.npy` of an image, in a folder.

    Raises MissingFile, and ParsingMapError where both are there: which one is meant would be a guess.
    """
    found = [Path(folder, image_name).with_suffix(suffix) for suffix in (".png", ".npy")]
    there = [path for path in found if os.path.lexists(path)]
    if len(there) > 1:
        raise ParsingMapError(there[0], f"{there[1].name} is there too; keep one of them")
    if not there:
        raise MissingFile(found[0])
    return there[0]


def write_parsing_map(path: str | os.PathLike, labels: np.ndarray) -> None:
    """Writes `[H, W]` labels 0..9 as an indexed PNG in `anatomy.LABEL_COLOURS`, whole or not at all."""
    if Path(path).suffix != ".png":
        raise ValueError(f"{os.fspath(path)}: parsing maps are written as .png")
    write_whole(path, encode_parsing_map(labels))


def encode_parsing_map(labels: np.ndarray) -> bytes:
    """`[H, W]` labels 0..9 as an indexed PNG in `anatomy.LABEL_COLOURS`. Raises ValueError on others."""
    labels = np.asarray(labels)
    if labels.ndim != 2 or not np.issubdtype(labels.dtype, np.integer):
        raise ValueError(f"expected [H, W] whole numbers, got {labels.dtype} of shape {labels.shape}")
    if labels.size and (labels.min() < 0 or labels.max() >= NUM_LABELS):
        raise ValueError(f"expected labels 0..{NUM_LABELS - 1}, got {labels.min()}..{labels.max()}")
    picture = Image.fromarray(np.ascontiguousarray(labels, np.uint8))
    # A palette makes a grey picture an indexed one; its indices stay what they were.
    picture.putpalette([channel for colour in LABEL_COLOURS for channel in colour])
    encoded = io.BytesIO()
    picture.save(encoded, format="PNG")
    return encoded.getvalue()


def _read_picture(path: str | os.PathLike) -> np.ndarray:
    content = read_bytes(path)
    with reading(path, "PNG file"), Image.open(io.BytesIO(content), formats=("PNG",)) as picture:
        # A colour picture holds no labels; reading it as grey would invent some.
        if picture.mode not in ("P", "L", "1", "I", "I;16"):
            raise ParsingMapError(path, f"expected an indexed or grey picture, found {picture.mode}")
        if picture.width * picture.height > MOST_PIXELS:
            raise ParsingMapError(path, f"{picture.height}x{picture.width} pixels are too many")
        return np.array(picture).astype(np.int64)
