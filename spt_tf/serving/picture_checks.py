"""Refuses pictures that cost far more to decode than their size says, inside the exported graph.

A PNG's pixels are one compressed stream. Decoders read it to its end, however much it holds beyond the
declared size: 2 MB may inflate to 2 GB. Its text and colour profiles may be compressed as well. A JPEG may
have any number of scans over the same pixels. The sizes are read from headers, so a few bytes that promise
a giant picture cost nothing either. Stock operators cannot stop inflating at a limit; they can inflate a
part of the stream.
"""

from __future__ import annotations

import tensorflow as tf

PNG_START = b"\x89PNG\r\n\x1a\n"
JPEG_START = b"\xff\xd8\xff"
MAX_CHUNKS = 4096  # of a PNG; its usual 8 KB a chunk make 32 MB
MAX_SCANS = 100  # of a JPEG; a progressive one has about ten

_HEADER = 33  # bytes of the signature and the IHDR chunk, which must come first
_HIGHEST_RATIO = 1032  # of deflate
_BUDGET = 32 << 20  # bytes that inflating may give beyond what a picture of the declared size has


def is_png(contents: tf.Tensor) -> tf.Tensor:
    """Whether a scalar string starts as a PNG does; a bool scalar."""
    long_enough = tf.strings.length(contents) >= _HEADER
    start = tf.strings.join([PNG_START, b"\0\0\0\x0dIHDR"])
    return long_enough & (tf.strings.substr(contents, 0, 16) == start)


def is_jpeg(contents: tf.Tensor) -> tf.Tensor:
    """Whether a scalar string starts as a JPEG does; a bool scalar."""
    return tf.strings.substr(contents, 0, len(JPEG_START)) == JPEG_START


def picture_header(contents: tf.Tensor, name: str) -> tuple[tf.Tensor, tf.Tensor, tf.Tensor]:
    """JPEG or PNG bytes, string `[]`: the same, checked to be one; whether a JPEG; (height, width).

    Nothing is decoded. InvalidArgument names `name`.
    """
    jpeg = is_jpeg(contents)
    contents = asserted(contents, jpeg | is_png(contents), [f"{name}: neither a JPEG nor a PNG file"])
    size = tf.cond(
        jpeg,
        lambda: tf.image.extract_jpeg_shape(contents, name=f"{name}_jpeg_header")[:2],
        lambda: png_header(contents)[0],
    )
    return contents, jpeg, size


def checked_picture(contents: tf.Tensor, jpeg: tf.Tensor, name: str) -> tf.Tensor:
    """`checked_jpeg` or `checked_png`, whichever it is."""
    return tf.cond(jpeg, lambda: checked_jpeg(contents, name), lambda: checked_png(contents, name))


def asserted(value: tf.Tensor, condition: tf.Tensor, data: list) -> tf.Tensor:
    """The value, in a graph that fails with the data where the condition does not hold."""
    with tf.control_dependencies([tf.debugging.Assert(condition, data)]):
        return tf.identity(value)


def png_header(contents: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor, tf.Tensor]:
    """(height, width) int32 `[2]`, bits a channel uint8 and colour type uint8 of what `is_png`.

    Other strings give zeros. Sizes beyond int32 are negative.
    """
    padded = tf.strings.join([contents, b"\0" * _HEADER])  # substr must not fail on a short string
    sizes = tf.io.decode_raw(tf.strings.substr(padded, 16, 8), tf.int32, little_endian=False)
    kinds = tf.io.decode_raw(tf.strings.substr(padded, 24, 2), tf.uint8)
    return tf.reverse(tf.where(is_png(contents), sizes, 0), axis=[0]), kinds[0], kinds[1]


def checked_jpeg(contents: tf.Tensor, name: str) -> tf.Tensor:
    """A JPEG's bytes, string scalar, as they are; InvalidArgument names `name` if it has too many scans."""
    values = tf.io.decode_raw(contents, tf.uint8)
    # Inside pixels 0xff is followed by 0, so 0xffda is a scan's start.
    scans = tf.math.count_nonzero((values[:-1] == 0xFF) & (values[1:] == 0xDA))
    message = f"{name}: a JPEG may have at most {MAX_SCANS} scans, found"
    with tf.control_dependencies([tf.debugging.Assert(scans <= MAX_SCANS, [message, scans])]):
        return tf.identity(contents)


def checked_png(contents: tf.Tensor, name: str) -> tf.Tensor:
    """A PNG's bytes without what is not needed for its pixels, string scalar.

    The declared size should be checked before, since the inflated size is measured by it. Cost: a stream of
    more than 32 KB is inflated once for each 32 KB of it (for each 1/258 of the room that pixels of the
    declared size take, where that is more): a millisecond for 256x256.

    InvalidArgument names `name` where chunks are cut off or too many, or where the stream inflates to more
    than the declared size can take. A damaged stream of more than 32 KB is DataLoss from a node of that name.
    """
    kept, stream = _critical_chunks(contents, name)
    size = _inflated_size(stream, _room(contents), name)
    message = f"{name}: the PNG inflates to more than its declared size takes,"
    with tf.control_dependencies(
        [tf.debugging.Assert(size <= _room(contents), [message, size, "bytes or more"])]
    ):
        return tf.identity(kept)


def _room(contents: tf.Tensor) -> tf.Tensor:
    """Bytes that the declared size takes at most: RGBA of 16 bits; interlaced, almost two filters a row."""
    size = tf.cast(png_header(contents)[0], tf.int64)
    return 8 * size[0] * size[1] + 2 * size[0] + 16


def _critical_chunks(contents: tf.Tensor, name: str) -> tuple[tf.Tensor, tf.Tensor]:
    """The file with its critical chunks alone, up to IEND, and the contents of its IDAT chunks, joined."""
    total = tf.strings.length(contents)

    def more(place, ended, count, chunks, data):
        return ~ended & (count < MAX_CHUNKS) & (place + 12 <= total)

    def take(place, ended, count, chunks, data):
        length = tf.io.decode_raw(tf.strings.substr(contents, place, 4), tf.int32, little_endian=False)[0]
        kind = tf.strings.substr(contents, place + 4, 4)
        length = tf.where((length < 0) | (length > total - place - 12), total, length)  # passes the end
        is_critical = tf.io.decode_raw(kind, tf.uint8)[0] < ord("a")
        chunk = tf.strings.substr(contents, place, tf.where(is_critical, length + 12, 0))
        chunks = chunks.write(count, chunk)
        data = data.write(count, tf.strings.substr(contents, place + 8, tf.where(kind == b"IDAT", length, 0)))
        return place + length + 12, kind == b"IEND", count + 1, chunks, data

    pieces = [tf.TensorArray(tf.string, 0, dynamic_size=True, element_shape=()) for _ in range(2)]
    start = (tf.constant(len(PNG_START)), tf.constant(False), tf.constant(0), *pieces)
    place, ended, count, chunks, data = tf.while_loop(more, take, start)
    message = f"{name}: a PNG of at most {MAX_CHUNKS} whole chunks is expected; after"
    found = [message, count, "chunks, at byte", place, "of", total, "there was no end"]
    with tf.control_dependencies([tf.debugging.Assert(ended & (place <= total), found)]):
        file = tf.strings.join([PNG_START, tf.strings.reduce_join(chunks.stack())])
    return file, tf.strings.reduce_join(data.stack())


def _inflated_size(stream: tf.Tensor, room: tf.Tensor, name: str) -> tf.Tensor:
    """Bytes in a zlib stream, int64; where that is more than `room`, some number above it.

    It looks at ever longer parts of the stream, each longer than the last by so little that it cannot
    inflate to more than the budget besides. What is too short to exceed the budget is not looked at: its
    size is 0.
    """
    total = tf.strings.length(stream)
    step = tf.cast(tf.maximum(tf.cast(_BUDGET, tf.int64), 4 * room) // _HIGHEST_RATIO, tf.int32)

    def more(place, size):
        return (place < total) & (size <= room)

    def look(place, size):
        place = tf.minimum(place + step, total)
        part = tf.strings.substr(stream, 0, place)
        inflated = tf.io.decode_compressed(part, "ZLIB", name=f"{name}_inflate")
        return place, tf.cast(tf.strings.length(inflated), tf.int64)

    first = tf.where(total <= step, total, 0)
    return tf.while_loop(more, look, (first, tf.zeros([], tf.int64)))[1]
