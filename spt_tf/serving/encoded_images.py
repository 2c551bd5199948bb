"""JPEG and PNG bytes to tensors and back, inside the exported graph.

The size is read from the file's header before anything is decoded, so a few bytes that promise a
giant picture cost nothing. Errors name the input: by an assertion here, and where the decoder itself
fails by the name of its node, which TensorFlow puts into the message.
"""

from __future__ import annotations

import tensorflow as tf

from spt_tf import anatomy

_PNG_START = b"\x89PNG\r\n\x1a\n"
_PNG_HEADER = 24  # bytes up to the end of width and height in the IHDR chunk
_JPEG_START = b"\xff\xd8\xff"


def decode_images(encoded: tf.Tensor, name: str, canvas: tuple[int, int]) -> tf.Tensor:
    """JPEG or PNG bytes, string `[B]`, to uint8 `[B,H,W,3]`. InvalidArgument names `name`."""
    return _decode_each(encoded, name, canvas, _decode_rgb)


def decode_parsings(encoded: tf.Tensor, name: str, canvas: tuple[int, int]) -> tf.Tensor:
    """PNG bytes, string `[B]`, to label maps uint8 `[B,H,W]`. InvalidArgument names `name`.

    Takes grey PNGs whose values are labels and PNGs in the project's palette, which is how
    `spt_tf.data.parsing_maps` writes them (TensorFlow's decoder turns a palette into colours). A colour
    that is no label's becomes 255, for the label check to refuse.
    """
    return _colours_to_labels(_decode_each(encoded, name, canvas, _decode_png))


def encode_png(images: tf.Tensor) -> tf.Tensor:
    """uint8 `[B,H,W,C]` to PNG bytes, string `[B]`. Compression 1: the answer should not wait for zlib."""
    return tf.map_fn(
        lambda image: tf.io.encode_png(image, compression=1), images, fn_output_signature=tf.string
    )


def _decode_each(encoded, name, canvas, decode):
    """Decode one by one: examples differ in format and in bytes, so there is no batched decoder."""
    encoded = tf.ensure_shape(encoded, (None,))
    spec = tf.TensorSpec((*canvas, 3), tf.uint8)
    return tf.map_fn(lambda contents: decode(contents, name, canvas), encoded, fn_output_signature=spec)


def _decode_rgb(contents, name, canvas):
    is_jpeg = tf.strings.substr(contents, 0, len(_JPEG_START)) == _JPEG_START
    with tf.control_dependencies(
        [tf.debugging.Assert(is_jpeg | _is_png(contents), [f"{name}: neither a JPEG nor a PNG file"])]
    ):
        shape = tf.cond(
            is_jpeg,
            lambda: tf.image.extract_jpeg_shape(contents, name=f"{name}_jpeg_header")[:2],
            lambda: _png_shape(contents),
        )
    return _decode(contents, shape, name, canvas)


def _decode_png(contents, name, canvas):
    with tf.control_dependencies([tf.debugging.Assert(_is_png(contents), [f"{name}: not a PNG file"])]):
        shape = _png_shape(contents)
    return _decode(contents, shape, name, canvas)


def _decode(contents, shape, name, canvas):
    expected = f"{name}: the image must be {canvas[0]}x{canvas[1]} (height x width), found"
    with tf.control_dependencies([tf.debugging.Assert(tf.reduce_all(shape == canvas), [expected, shape])]):
        # Reads PNG as well. The default inverse DCT differs from the training data's by many grey levels.
        image = tf.io.decode_jpeg(contents, channels=3, dct_method="INTEGER_ACCURATE", name=f"{name}_decode")
    return tf.ensure_shape(image, (*canvas, 3))


def _is_png(contents):
    long_enough = tf.strings.length(contents) >= _PNG_HEADER
    return long_enough & (tf.strings.substr(contents, 0, len(_PNG_START)) == _PNG_START)


def _png_shape(contents):
    padded = tf.strings.join([contents, b"\0" * _PNG_HEADER])  # substr must not fail on a short string
    width_height = tf.io.decode_raw(tf.strings.substr(padded, 16, 8), tf.int32, little_endian=False)
    return tf.reverse(width_height, axis=[0])


def _colours_to_labels(images):
    """uint8 `[B,H,W,3]` to uint8 `[B,H,W]`: grey pixels are labels, coloured ones are looked up."""
    grey = images[..., 0]
    is_grey = tf.reduce_all(images == grey[..., None], axis=-1)
    from_colour = tf.fill(tf.shape(grey), tf.constant(255, tf.uint8))
    for label, colour in enumerate(anatomy.LABEL_COLOURS):
        matches = tf.reduce_all(images == tf.constant(colour, tf.uint8), axis=-1)
        from_colour = tf.where(matches, tf.constant(label, tf.uint8), from_colour)
    return tf.where(is_grey, grey, from_colour)
