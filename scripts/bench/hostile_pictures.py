"""Pictures built byte by byte, for what no encoder would write."""

from __future__ import annotations

import struct
import zlib

import numpy as np

from spt_tf.serving.picture_checks import PNG_START

GREY, RGB = 0, 2  # colour types


def png_chunk(kind: bytes, contents: bytes) -> bytes:
    """Length, kind, contents and checksum."""
    checksum = struct.pack(">I", zlib.crc32(kind + contents))
    return struct.pack(">I", len(contents)) + kind + contents + checksum


def png_file(
    size: tuple[int, int],
    stream: bytes,
    colour_type: int = RGB,
    depth: int = 8,
    before: bytes = b"",
    piece: int = 1 << 16,
) -> bytes:
    """A PNG of `size` (height, width) around any compressed stream, in chunks of `piece` bytes.

    before: chunks to stand between header and pixels.
    """
    height, width = size
    header = struct.pack(">IIBBBBB", width, height, depth, colour_type, 0, 0, 0)
    pieces = [png_chunk(b"IDAT", stream[i : i + piece]) for i in range(0, len(stream), piece)]
    return b"".join([PNG_START, png_chunk(b"IHDR", header), before, *pieces, png_chunk(b"IEND", b"")])


def rows(pixels: np.ndarray) -> bytes:
    """uint8 or uint16 `[H,W]` or `[H,W,3]` as a PNG has them before compression: a filter, then a row."""
    big_endian = pixels.astype(pixels.dtype.newbyteorder(">"))
    return b"".join(b"\0" + row.tobytes() for row in big_endian)


def bomb(pixels: np.ndarray, surplus: int = 64 << 20) -> bytes:
    """A right PNG of `pixels`, uint8 `[H,W,3]`, whose stream goes on for `surplus` bytes."""
    return png_file(pixels.shape[:2], zlib.compress(rows(pixels) + bytes(surplus), 9))
