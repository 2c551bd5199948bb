"""Picture bombs in a request, found without a graph and without inflating them."""

from __future__ import annotations

import io
import zlib

import numpy as np
import pytest
from PIL import Image

from hostile_pictures import bomb, png_chunk, png_file, rows
from spt_tf.serving.embedded.errors import ServingError
from spt_tf.serving.embedded.pictures import check_picture

SIZE = (48, 40)
NOISE = np.random.default_rng(0).integers(0, 256, (*SIZE, 3), dtype=np.uint8)


def saved(pixels, **options) -> bytes:
    file = io.BytesIO()
    Image.fromarray(pixels).save(file, **options)
    return file.getvalue()


def test_pictures_and_what_is_none_pass():
    jpeg = saved(NOISE, format="jpeg", progressive=True)
    pngs = [saved(pixels, format="png") for pixels in (NOISE, NOISE[..., 0], np.zeros_like(NOISE))]
    cut = pngs[0][:-300]
    for contents in (jpeg, *pngs, cut, b"", b"\x89PNG", b"\xff\xd8\xff", b"text", pngs[0][:33]):
        check_picture(contents, "picture")


def test_it_stops_at_the_declared_size(monkeypatch):
    """It would not get past the damaged end."""
    contents = bomb(NOISE)
    damaged = contents[:-1000] + b"\xff" * 900 + contents[-100:]
    for one in (contents, damaged, png_file(SIZE, contents[41:-16], piece=100)):
        with pytest.raises(ServingError, match=r"picture: the PNG inflates to more than .* size of 48x40"):
            check_picture(one, "picture")


def test_a_damaged_stream_is_named():
    with pytest.raises(ServingError, match="picture: the PNG's pixels are damaged"):
        check_picture(png_file(SIZE, b"\xff" * 100), "picture")


def test_what_promises_more_than_is_looked_at_is_left_to_the_model():
    stream = zlib.compress(bytes(66 << 20), 9)
    check_picture(png_file((60000, 60000), stream), "picture")


def test_scans_are_counted():
    contents = saved(NOISE, format="jpeg", progressive=True)
    scan = contents[contents.rindex(b"\xff\xda") : -2]
    with pytest.raises(ServingError, match="picture: a JPEG may have at most 100 scans"):
        check_picture(contents[:-2] + scan * 100 + contents[-2:], "picture")


def test_chunk_lengths_beyond_the_end_are_no_trap():
    for before in (b"\xff\xff\xff\xfftEXt" + bytes(20), png_chunk(b"tEXt", b"") * 9999):
        check_picture(png_file(SIZE, zlib.compress(rows(NOISE)), before=before), "picture")
