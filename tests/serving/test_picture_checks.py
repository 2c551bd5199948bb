"""What would take far longer to decode than its size says is refused, and nothing else is."""

from __future__ import annotations

import io
import zlib

import numpy as np
import pytest
import tensorflow as tf
from PIL import Image

from hostile_pictures import GREY, bomb, png_chunk, png_file, rows
from spt_tf.serving.encoded_images import decode_images, decode_parsings
from spt_tf.serving.picture_checks import (
    MAX_CHUNKS,
    MAX_SCANS,
    checked_jpeg,
    checked_png,
    is_png,
    png_header,
)

CANVAS = (96, 64)
NOISE = np.random.default_rng(0).integers(0, 256, (*CANVAS, 3), dtype=np.uint8)
Refused = tf.errors.InvalidArgumentError


@pytest.fixture(scope="module")
def check_png():
    return tf.function(
        lambda contents: checked_png(contents, "picture"), input_signature=[tf.TensorSpec([], tf.string)]
    )


@pytest.fixture(scope="module")
def labels():
    return tf.function(
        lambda contents: decode_parsings(contents[None], "parsing", CANVAS)[0],
        input_signature=[tf.TensorSpec([], tf.string)],
    )


def saved(pixels, **options) -> bytes:
    file = io.BytesIO()
    Image.fromarray(pixels).save(file, **options)
    return file.getvalue()


def test_what_encoders_write_passes_with_its_pixels(check_png):
    grey, alpha = NOISE[..., 0], np.concatenate([NOISE, NOISE[..., :1]], axis=-1)
    for pixels in (NOISE, grey, alpha, np.zeros_like(NOISE), grey.astype(np.uint16) * 257):
        for level in (1, 9):
            contents = saved(pixels, format="png", compress_level=level)
            kept = check_png(contents)
            np.testing.assert_array_equal(tf.io.decode_png(kept), tf.io.decode_png(contents))


def test_long_streams_are_measured_in_parts(check_png):
    """Incompressible, so that it takes several looks."""
    pixels = np.random.default_rng(0).integers(0, 256, (200, 300, 3), dtype=np.uint8)
    contents = saved(pixels, format="png")
    np.testing.assert_array_equal(tf.io.decode_png(check_png(contents)), pixels)
    with pytest.raises(Refused, match="picture: the PNG inflates to more"):
        check_png(png_file((200, 300), zlib.compress(rows(pixels) + bytes(8 << 20), 9)))


def test_a_bomb_is_refused_after_a_part_of_it(check_png):
    # Damaged near the end: whoever inflates all of it gets another error.
    contents = bomb(NOISE, 256 << 20)
    damaged = contents[:-1000] + b"\xff" * 900 + contents[-100:]
    for one in (contents, damaged):
        with pytest.raises(Refused, match="picture: the PNG inflates to more than its declared size takes"):
            check_png(one)


def test_text_and_profiles_are_left_out_uninflated(check_png):
    plain = png_file(CANVAS, zlib.compress(rows(NOISE)))
    text = png_chunk(b"zTXt", b"a\0\0" + zlib.compress(bytes(1 << 20), 9))
    profile = png_chunk(b"iCCP", b"a\0\0" + zlib.compress(bytes(1 << 20), 9))
    decorated = png_file(CANVAS, zlib.compress(rows(NOISE)), before=text * 20 + profile)
    assert check_png(decorated) == check_png(plain) == plain


def test_chunks_are_bounded_and_whole(check_png):
    stream = zlib.compress(rows(NOISE))
    assert check_png(png_file(CANVAS, stream, piece=50)).numpy()
    for contents in (
        png_file(CANVAS, stream, before=png_chunk(b"tEXt", b"") * MAX_CHUNKS),
        png_file(CANVAS, stream)[:-13],
        png_file(CANVAS, stream)[:100],
        png_file(CANVAS, stream, before=b"\xff\xff\xff\xfftEXt" + bytes(20)),
        png_file(CANVAS, stream, before=b"\x7f\xff\xff\xfftEXt" + bytes(20)),
        b"",
    ):
        with pytest.raises(Refused, match=f"picture: a PNG of at most {MAX_CHUNKS} whole chunks"):
            check_png(contents)


def test_scans_of_a_jpeg_are_bounded():
    contents = saved(NOISE, format="jpeg", progressive=True)
    assert checked_jpeg(tf.constant(contents), "picture") == contents
    start = contents.rindex(b"\xff\xda")
    scan = contents[start:-2]
    many = contents[:-2] + scan * MAX_SCANS + contents[-2:]
    with pytest.raises(Refused, match=f"picture: a JPEG may have at most {MAX_SCANS} scans"):
        decode_images(tf.constant([many]), "picture", CANVAS)
    with pytest.raises(Refused, match="picture: the PNG inflates"):
        decode_images(tf.constant([bomb(NOISE)]), "picture", CANVAS)


def test_a_chunk_before_the_header_cannot_hide_the_size():
    contents = saved(NOISE, format="png")
    disguised = contents[:8] + png_chunk(b"teXt", contents[16:29]) + contents[8:]
    assert is_png(tf.constant(contents)) and not is_png(tf.constant(disguised))
    size, depth, colour_type = png_header(tf.constant(contents))
    assert (tuple(size.numpy()), int(depth), int(colour_type)) == (CANVAS, 8, 2)
    assert not np.any(png_header(tf.constant(disguised))[0])


def test_labels_that_the_decoder_would_change_are_refused(labels):
    """It keeps the high byte of 16 bits, which is 0 for every label, and stretches 1, 2 and 4 bits."""
    parsing = np.random.default_rng(0).integers(0, 10, CANVAS, dtype=np.uint8)
    np.testing.assert_array_equal(labels(saved(parsing, format="png")), parsing)
    two_values = np.packbits(parsing > 4, axis=1)
    refused = "parsing: a label PNG must have 8 bits a channel or a palette"
    for contents in (
        saved(parsing.astype(np.uint16), format="png"),
        png_file(
            CANVAS, zlib.compress(rows(np.repeat(parsing[..., None], 3, -1).astype(np.uint16))), depth=16
        ),
        png_file(CANVAS, zlib.compress(rows(two_values)), GREY, depth=1),
    ):
        with pytest.raises(Refused, match=refused):
            labels(contents)
