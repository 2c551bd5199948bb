"""A photo of any kind that Pillow opens, upright, as RGB."""

from __future__ import annotations

import io
import os

import numpy as np
from PIL import Image, ImageOps

from spt_tf.data.file_reading import MOST_PIXELS, UnreadableFile, read_bytes, reading


def read_photo(path: str | os.PathLike) -> np.ndarray:
    """uint8 RGB `[H,W,3]`, turned as its EXIF orientation says; of 16 bits the upper eight, no transparency.

    What is written of it is a plain PNG, so nothing after this has to know the kinds of pictures.

    Raises UnreadableFile on what is no picture, is damaged, or has more than MOST_PIXELS; MissingFile.
    """
    content = read_bytes(path)
    with reading(path, "picture"), Image.open(io.BytesIO(content)) as picture:
        if picture.width * picture.height > MOST_PIXELS:
            raise UnreadableFile(
                path, f"{picture.height}x{picture.width} pixels, expected at most {MOST_PIXELS:,}"
            )
        upright = ImageOps.exif_transpose(picture)
        if upright.mode.startswith("I"):
            grey = (np.array(upright).astype(np.int64) >> 8).clip(0, 255).astype(np.uint8)
            return np.repeat(grey[..., None], 3, axis=2)
        return np.array(upright.convert("RGB"))
