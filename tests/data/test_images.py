"""Photographs: one decoder for the check and for everything that reads after it."""

from __future__ import annotations

import struct
import zlib

import numpy as np
import pytest
import tensorflow as tf
from PIL import Image

from spt_tf.data.file_reading import UnreadableFile
from spt_tf.data.images import decode_image, read_encoded_image, read_image

PIXELS = np.random.default_rng(0).integers(0, 256, (20, 12, 3), np.uint8)


@pytest.mark.parametrize(
    ("name", "mode", "options"),
    [
        ("a.jpg", "RGB", {}),
        ("a.jpg", "RGB", {"progressive": True}),
        ("a.jpg", "L", {}),
        ("a.jpg", "CMYK", {}),
        ("a.png", "RGB", {}),
        ("a.png", "L", {}),
        ("a.png", "P", {}),
        ("a.png", "LA", {}),
        ("a.png", "1", {}),
    ],
)
def test_the_values_are_pillow_s(tmp_path, name, mode, options):
    Image.fromarray(PIXELS).convert(mode).save(tmp_path / name, **options)
    with Image.open(tmp_path / name) as picture:
        expected = np.array(picture.convert("RGB"))
    np.testing.assert_array_equal(read_image(tmp_path / name), expected)
    assert read_encoded_image(tmp_path / name).size == (20, 12)


def test_of_16_bits_the_upper_eight(tmp_path):
    deep = np.arange(0, 65536, 300, np.uint16)[:200].reshape(20, 10)
    Image.fromarray(deep).save(tmp_path / "a.png")
    np.testing.assert_array_equal(read_image(tmp_path / "a.png"), np.stack([deep >> 8] * 3, -1))


@pytest.mark.parametrize("kind", ["WebP", "BMP", "TIFF", "PPM", "GIF"])
def test_another_format_is_named_whatever_the_file_s_name(tmp_path, kind):
    Image.fromarray(PIXELS).save(tmp_path / "a.jpg", format=kind)
    with pytest.raises(UnreadableFile, match=rf"a\.jpg: expected a JPEG or PNG picture, found {kind}"):
        read_image(tmp_path / "a.jpg")


def _png(height: int, width: int) -> bytes:
    """A PNG of one grey line, whatever its header says."""
    chunks = (
        (b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)),
        (b"IDAT", zlib.compress(b"00")),
    )
    body = b"".join(
        struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
        for kind, data in (*chunks, (b"IEND", b""))
    )
    return b"\x89PNG\r\n\x1a\n" + body


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "found an empty file"),
        (b"text", "found another kind of file"),
        (b"\x89PNG\r\n\x1a\n", "not a readable picture"),
        (b"\xff\xd8\xff" + bytes(100), "not a readable picture"),
        (_png(60_000, 60_000), "60000x60000 pixels, expected at most"),
        (_png(0, 5), "not a readable picture"),
        (_png(5, 5), "not a readable picture"),
    ],
    ids=["empty", "text", "cut PNG", "cut JPEG", "giant", "no height", "too few rows"],
)
def test_a_damaged_picture_is_one_line(tmp_path, content, message):
    (tmp_path / "a.png").write_bytes(content)
    with pytest.raises(UnreadableFile, match=message) as error:
        read_image(tmp_path / "a.png")
    assert "\n" not in str(error.value) and "{{" not in str(error.value) and "Op:" not in str(error.value)


def test_the_pipeline_has_the_same_decoder(tmp_path):
    Image.fromarray(PIXELS).save(tmp_path / "a.jpg", quality=60)
    content = (tmp_path / "a.jpg").read_bytes()
    graph = tf.function(decode_image, input_signature=[tf.TensorSpec([], tf.string)])
    np.testing.assert_array_equal(graph(tf.constant(content)), read_image(tmp_path / "a.jpg"))
