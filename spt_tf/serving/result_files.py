"""Where results lie: `<from>___<to>.png` of the names' stems, as generate.py writes and evaluate.py reads."""

from __future__ import annotations

import io
import os
from pathlib import Path

import numpy as np
from PIL import Image

from spt_tf.data.parsing_maps import encode_parsing_map


def image_path(output_dir: str | os.PathLike, source: str, target: str) -> Path:
    """The generated image of a pair."""
    return Path(output_dir, _file_name(source, target))


def parsing_path(output_dir: str | os.PathLike, source: str, target: str) -> Path:
    """The predicted parsing of a pair, apart from the images so that those can be scored as a folder."""
    return Path(output_dir, "parsing", _file_name(source, target))


def encode_png(array: np.ndarray) -> bytes:
    """uint8 `[H,W,3]` or `[H,W]` as PNG bytes."""
    encoded = io.BytesIO()
    Image.fromarray(array).save(encoded, format="PNG", compress_level=1)
    return encoded.getvalue()


def in_colours(grey: bytes) -> bytes:
    """A served label map, a PNG of greys 0 to 9 that all look black, with the palette of `parsing_maps`."""
    with Image.open(io.BytesIO(grey)) as picture:
        return encode_parsing_map(np.array(picture))


def _file_name(source: str, target: str) -> str:
    stems = (os.path.splitext(name)[0].replace("/", "_") for name in (source, target))
    return "___".join(stems) + ".png"
