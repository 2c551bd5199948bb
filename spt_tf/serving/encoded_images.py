"""JPEG and PNG bytes to tensors and back, inside the exported graph.

The size is read from the file's header before anything is decoded, and `picture_checks` refuses what
would take far longer than a picture of that size. Errors name the input: by an assertion here, and where
the decoder itself fails by the name of its node, which TensorFlow puts into the message.
"""

from __future__ import annotations

import tensorflow as tf

from spt_tf import anatomy
from spt_tf.serving.picture_checks import (
    asserted,
    checked_picture,
    checked_png,
    is_png,
    picture_header,
    png_header,
)

_PALETTE = 3  # a PNG's colour type


def decode_images(encoded: tf.Tensor, name: str, canvas: tuple[int, int]) -> tf.Tensor:
    """JPEG or PNG bytes, string `[B]`, to uint8 `[B,H,W,3]`. InvalidArgument names `name`."""
    return _decode_each(encoded, name, canvas, _decode_rgb)


def decode_parsings(encoded: tf.Tensor, name: str, canvas: tuple[int, int]) -> tf.Tensor:
    """PNG bytes, string `[B]`, to label maps uint8 `[B,H,W]`. InvalidArgument names `name`.

    Takes 8-bit grey PNGs whose values are labels and PNGs in the project's palette, which is how
    `spt_tf.data.parsing_maps` writes them (TensorFlow's decoder turns a palette into colours). A colour
    that is no label's becomes 255, for the label check to refuse.
    """
    return _colours_to_labels(_decode_each(encoded, name, canvas, _decode_labels))


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
    contents, jpeg, shape = picture_header(contents, name)
    contents = checked_picture(_of_size(contents, shape, name, canvas), jpeg, name)
    return _decode(contents, name, canvas)


def _decode_labels(contents, name, canvas):
    contents = asserted(contents, is_png(contents), [f"{name}: not a PNG file"])
    shape, depth, colour_type = png_header(contents)
    # The decoder keeps the high byte of 16 bits, where no label is, and scales 1, 2 and 4 bits of grey.
    exact = (depth == 8) | (colour_type == _PALETTE)
    message = f"{name}: a label PNG must have 8 bits a channel or a palette, found bits and colour type"
    contents = asserted(contents, exact, [message, depth, colour_type])
    contents = _of_size(contents, shape, name, canvas)
    return _decode(checked_png(contents, name), name, canvas)


def _of_size(contents, shape, name, canvas):
    expected = f"{name}: the image must be {canvas[0]}x{canvas[1]} (height x width), found"
    return asserted(contents, tf.reduce_all(shape == canvas), [expected, shape])


def _decode(contents, name, canvas):
    # Reads PNG as well. The default inverse DCT differs from the training data's by many grey levels.
    image = tf.io.decode_jpeg(contents, channels=3, dct_method="INTEGER_ACCURATE", name=f"{name}_decode")
    return tf.ensure_shape(image, (*canvas, 3))


def _colours_to_labels(images):
    """uint8 `[B,H,W,3]` to uint8 `[B,H,W]`: grey pixels are labels, coloured ones are looked up."""
    grey = images[..., 0]
    is_grey = tf.reduce_all(images == grey[..., None], axis=-1)
    from_colour = tf.fill(tf.shape(grey), tf.constant(255, tf.uint8))
    for label, colour in enumerate(anatomy.LABEL_COLOURS):
        matches = tf.reduce_all(images == tf.constant(colour, tf.uint8), axis=-1)
        from_colour = tf.where(matches, tf.constant(label, tf.uint8), from_colour)
    return tf.where(is_grey, grey, from_colour)
