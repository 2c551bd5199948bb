"""Refuses picture bombs in a request before they reach a batch, whatever the model's own graph does.

The counterpart of `spt_tf.serving.picture_checks`, which does it inside the graph: here the stream is read
piece by piece, so no more is inflated than a picture of the declared size takes.
"""

from __future__ import annotations

import struct
import zlib
from collections.abc import Iterator

from spt_tf.serving.embedded.errors import invalid

_PNG = b"\x89PNG\r\n\x1a\n\0\0\0\x0dIHDR"
_JPEG = b"\xff\xd8\xff"
_MAX_SCANS = 100
_MOST_LOOKED_AT = 64 << 20  # bytes; a model that takes larger pictures has to look itself
_PIECE = 1 << 16


def check_picture(contents: bytes, name: str) -> None:
    """Looks at what starts as a PNG or JPEG does. Raises ServingError INVALID_ARGUMENT that names `name`."""
    if contents[: len(_PNG)] == _PNG and len(contents) >= 33:
        width, height = struct.unpack(">II", contents[16:24])
        room = 8 * height * width + 2 * height + 16  # RGBA of 16 bits; interlaced, almost two filters a row
        if _inflates_beyond(contents, min(room, _MOST_LOOKED_AT), name) and room < _MOST_LOOKED_AT:
            raise invalid(
                f"{name}: the PNG inflates to more than its declared size of {height}x{width} takes"
            )
    elif contents[: len(_JPEG)] == _JPEG and contents.count(b"\xff\xda") > _MAX_SCANS:
        raise invalid(f"{name}: a JPEG may have at most {_MAX_SCANS} scans")


def _inflates_beyond(contents: bytes, room: int, name: str) -> bool:
    stream, size = zlib.decompressobj(), 0
    try:
        for data in _pixel_chunks(contents):
            while data and size <= room:
                size += len(stream.decompress(data, _PIECE))
                data = stream.unconsumed_tail
    except zlib.error as error:
        raise invalid(f"{name}: the PNG's pixels are damaged: {error}") from error
    return size > room


def _pixel_chunks(contents: bytes) -> Iterator[bytes]:
    """The contents of the IDAT chunks, as far as there are whole ones."""
    place = 8
    while place + 12 <= len(contents):
        length, kind = struct.unpack(">I4s", contents[place : place + 8])
        if kind == b"IDAT":
            yield contents[place + 8 : place + 8 + length]
        place += 12 + length
