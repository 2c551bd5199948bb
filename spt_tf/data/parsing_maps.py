"""Label maps on disk: indexed PNG or NPY."""

from __future__ import annotations

import io
import os
from pathlib import Path

import numpy as np
from PIL import Image

from spt_tf.anatomy import LABEL_COLOURS, NUM_LABELS
from spt_tf.data.atomic_write import write_whole


class ParsingMapError(ValueError):
    """A file that cannot be read as a label map; names the file."""


class UnknownLabelError(ParsingMapError):
    """A label map with labels that its palette does not have."""


def read_parsing_map(path: str | os.PathLike, num_labels: int = NUM_LABELS) -> np.ndarray:
    """Reads a label map: an indexed or grey PNG (the stored index is the label), or an NPY of whole numbers.

    Returns uint8 `[H, W]` with labels under `num_labels` (the ten of `anatomy.LABELS` unless another palette
    is to be converted). Raises UnknownLabelError on other labels, ParsingMapError on anything else that is
    not a label map, FileNotFoundError.
    """
    labels = _read_npy(path) if Path(path).suffix == ".npy" else _read_picture(path)
    lowest, highest = (int(labels.min()), int(labels.max())) if labels.size else (0, 0)
    if lowest < 0 or highest >= num_labels:
        wrong = lowest if lowest < 0 else highest
        raise UnknownLabelError(
            f"{os.fspath(path)}: label {wrong}, where labels run from 0 to {num_labels - 1}"
        )
    return labels.astype(np.uint8)


def write_parsing_map(path: str | os.PathLike, labels: np.ndarray) -> None:
    """Writes `[H, W]` labels 0..9 as an indexed PNG in `anatomy.LABEL_COLOURS`, whole or not at all."""
    if Path(path).suffix != ".png":
        raise ValueError(f"{os.fspath(path)}: parsing maps are written as .png")
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
    write_whole(path, encoded.getvalue())


def _read_npy(path: str | os.PathLike) -> np.ndarray:
    try:
        labels = np.load(path, allow_pickle=False)
    except FileNotFoundError:
        raise
    except (OSError, ValueError, EOFError) as error:
        raise ParsingMapError(f"{os.fspath(path)}: not a readable NPY file ({error})") from error
    if labels.ndim != 2 or not np.issubdtype(labels.dtype, np.integer):
        raise ParsingMapError(
            f"{os.fspath(path)}: expected [H, W] whole numbers, found {labels.dtype} of shape {labels.shape}"
        )
    return labels


def _read_picture(path: str | os.PathLike) -> np.ndarray:
    try:
        with Image.open(path) as picture:
            # A colour picture holds no labels; reading it as grey would invent some.
            if picture.mode not in ("P", "L", "1", "I", "I;16"):
                raise ParsingMapError(
                    f"{os.fspath(path)}: expected an indexed or grey picture, found {picture.mode}"
                )
            return np.array(picture).astype(np.int64)
    except FileNotFoundError:
        raise
    except (OSError, SyntaxError) as error:  # Pillow's PNG reader raises SyntaxError on broken chunks
        raise ParsingMapError(f"{os.fspath(path)}: not a readable picture ({error})") from error
