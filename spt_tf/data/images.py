"""Photographs on disk: JPEG or PNG, decoded by TensorFlow and nothing else.

One decoder for the check, the training pipeline and everything after: what the check accepts the pipeline
reads, to the same values. Its rules: of 16 bits a channel the upper eight; grey three times; a palette looked
up; transparency dropped; CMYK converted; EXIF's orientation passed over.
"""

from __future__ import annotations

import os
import re
import struct
from typing import NamedTuple

import numpy as np
import tensorflow as tf

from spt_tf.data.file_reading import MOST_PIXELS, UnreadableFile, read_bytes, reading

_JPEG, _PNG = b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n"
# What else bears a picture's name; TensorFlow would read some GIFs.
_OTHERS = {
    "GIF": rb"GIF8",
    "BMP": rb"BM",
    "WebP": rb"RIFF....WEBP",
    "TIFF": rb"II\*\0|MM\0\*|II\+\0|MM\0\+",
    "PPM": rb"P[1-7]\s",
    "HEIF or AVIF": rb"....ftyp(hei|hev|mif|avi)",
}


class EncodedImage(NamedTuple):
    """A JPEG's or PNG's bytes, and the (height, width) that its header tells."""

    content: bytes
    size: tuple[int, int]


def decode_image(content: tf.Tensor) -> tf.Tensor:
    """JPEG or PNG bytes, a string scalar, to uint8 `[H,W,3]`; InvalidArgumentError on others."""
    # Reads PNG too. The default inverse DCT is off by up to 15 grey levels; this one equals Pillow's.
    return tf.io.decode_jpeg(content, channels=3, dct_method="INTEGER_ACCURATE")


def read_encoded_image(path: str | os.PathLike) -> EncodedImage:
    """A photograph's bytes and size; the rest of it is not looked at.

    Raises UnreadableFile on what is neither JPEG nor PNG or has more than MOST_PIXELS, MissingFile.
    """
    content = read_bytes(path)
    with reading(path, "picture"):
        if content.startswith(_PNG):
            size = struct.unpack(">II", content[16:24])[::-1]
        elif content.startswith(_JPEG):
            size = tuple(tf.image.extract_jpeg_shape(content).numpy()[:2].tolist())
        else:
            raise UnreadableFile(path, f"expected a JPEG or PNG picture, found {_found(content)}")
        if size[0] * size[1] > MOST_PIXELS:
            raise UnreadableFile(path, f"{size[0]}x{size[1]} pixels, expected at most {MOST_PIXELS:,}")
    return EncodedImage(content, size)


def decode_file(path: str | os.PathLike, image: EncodedImage) -> np.ndarray:
    """uint8 `[H,W,3]` of what `read_encoded_image` read; UnreadableFile where it is damaged."""
    with reading(path, "picture"):
        return decode_image(image.content).numpy()


def read_image(path: str | os.PathLike) -> np.ndarray:
    """A photograph, uint8 RGB `[H,W,3]`. Raises as `read_encoded_image` and `decode_file`."""
    return decode_file(path, read_encoded_image(path))


def _found(content: bytes) -> str:
    known = (name for name, start in _OTHERS.items() if re.match(start, content[:32], re.DOTALL))
    return next(known, "another kind of file" if content else "an empty file")
