"""Dropped pictures: fitted whole, known as map or photo, and refused before they cost anything."""

from __future__ import annotations

import io
import struct
import zlib

import numpy as np
import pytest
from PIL import Image

from spt_tf.studio.pictures import UnusablePicture, read_dropped

CANVAS = (16, 8)


def _file(array: np.ndarray, kind: str = "PNG", **options) -> bytes:
    file = io.BytesIO()
    Image.fromarray(array).save(file, kind, **options)
    return file.getvalue()


def _png_that_promises(width: int, height: int) -> bytes:
    header = b"IHDR" + struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    data = b"IDAT" + zlib.compress(bytes(10))
    chunks = b"".join(
        struct.pack(">I", len(chunk) - 4) + chunk + struct.pack(">I", zlib.crc32(chunk))
        for chunk in (header, data, b"IEND")
    )
    return b"\x89PNG\r\n\x1a\n" + chunks


def test_a_picture_of_the_canvas_s_size_is_taken_as_it_is():
    photo = np.random.default_rng(0).integers(0, 256, (*CANVAS, 3), dtype=np.uint8)
    found = read_dropped(_file(photo), CANVAS)
    assert (found.image == photo).all() and found.labels is None
    assert found.fit == (1.0, (0.0, 0.0), CANVAS)


def test_another_shape_is_shown_whole_with_its_border_repeated():
    wide = np.zeros((80, 80, 3), np.uint8)
    wide[:, :40] = 200
    found = read_dropped(_file(wide), CANVAS)
    assert found.fit == (0.1, (4.0, 0.0), (80, 80))
    assert (found.image[:, :4] == 200).all() and (found.image[:, 4:] == 0).all()


def test_a_photo_on_its_side_is_set_upright():
    lying = np.zeros((80, 160, 3), np.uint8)
    lying[:, 80:] = 250
    exif = Image.Exif()
    exif[0x0112] = 6  # turn by a quarter, clockwise: the right half comes to lie below
    found = read_dropped(_file(lying, "JPEG", exif=exif, quality=95), CANVAS)
    assert found.fit.size == (160, 80)
    assert (found.image[:7] < 20).all() and (found.image[9:] > 230).all()


def test_an_indexed_picture_of_labels_is_a_map():
    labels = np.tile(np.arange(8, dtype=np.uint8), (16, 1))
    indexed = Image.fromarray(labels)
    indexed.putpalette([7 * n % 256 for n in range(768)])
    file = io.BytesIO()
    indexed.save(file, "PNG")
    found = read_dropped(file.getvalue(), CANVAS)
    assert (found.labels == labels).all() and found.image is None
    twice = read_dropped(_file(labels.repeat(2, 0).repeat(2, 1)), CANVAS)
    assert (twice.labels == labels).all()


def test_a_grey_photo_is_no_map():
    grey = np.full(CANVAS, 77, np.uint8)
    found = read_dropped(_file(grey), CANVAS)
    assert (found.image == 77).all() and found.labels is None


@pytest.mark.parametrize("content", [b"", b"GIF89a" + bytes(20), _file(np.zeros((4, 4, 3), np.uint8))[:40]])
def test_what_is_no_picture(content):
    with pytest.raises(UnusablePicture, match="expected a JPEG, PNG or WebP picture"):
        read_dropped(content, CANVAS)


@pytest.mark.parametrize("side", [9_000, 60_000])
def test_a_small_file_that_promises_a_giant_picture_is_refused_by_its_header(side, monkeypatch):
    monkeypatch.setattr(Image.Image, "load", lambda self: pytest.fail("decoded"))
    with pytest.raises(UnusablePicture):
        read_dropped(_png_that_promises(side, side), CANVAS)
