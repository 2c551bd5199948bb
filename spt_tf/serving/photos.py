"""Photos of any size, as bytes, to the canvas, inside the exported graph.

Their size is read from the header before anything is decoded: bytes that promise more than `MAX_PIXELS` are
refused unread, and so is what `picture_checks` finds to cost more than its size says. One photo at a time is
decoded, so a batch costs no more memory than its largest.
"""

from __future__ import annotations

import tensorflow as tf

from spt_tf.perception.letterbox import letterboxed
from spt_tf.serving.picture_checks import asserted, checked_picture, picture_header

MAX_PIXELS = 1 << 24  # 4096 x 4096; a telephone's usual twelve million fit
MAX_RATIO = 16  # of the longer side to the shorter: in a thinner photo nobody stands


def decode_photos(encoded: tf.Tensor, name: str, canvas: tuple[int, int]) -> tuple[tf.Tensor, tf.Tensor]:
    """JPEG or PNG bytes, string `[B]`, to photos on the canvas (`perception.letterbox`) and their own sizes.

    EXIF's orientation is passed over. Returns uint8 `[B,H,W,3]` and float32 `[B,2]`, (height, width).
    InvalidArgument names `name`.
    """
    encoded = tf.ensure_shape(encoded, (None,))
    specs = (tf.TensorSpec((*canvas, 3), tf.uint8), tf.TensorSpec((2,), tf.float32))
    return tf.map_fn(
        lambda contents: _decoded(contents, name, canvas),
        encoded,
        fn_output_signature=specs,
        parallel_iterations=1,
    )


def _decoded(contents: tf.Tensor, name: str, canvas: tuple[int, int]) -> tuple[tf.Tensor, tf.Tensor]:
    contents, jpeg, size = picture_header(contents, name)
    wide = tf.cast(size, tf.int64)
    limits = f"a photo may have 1 to {MAX_PIXELS:,} pixels, one side at most {MAX_RATIO} times the other"
    fits = (
        (tf.reduce_min(wide) > 0)
        & (tf.reduce_prod(wide) <= MAX_PIXELS)
        & (tf.reduce_max(wide) <= MAX_RATIO * tf.reduce_min(wide))
    )
    contents = asserted(contents, fits, [f"{name}: {limits}; found height and width", size])
    contents = checked_picture(contents, jpeg, name)
    photo = tf.io.decode_jpeg(contents, channels=3, dct_method="INTEGER_ACCURATE", name=f"{name}_decode")
    return letterboxed(photo, canvas), tf.cast(tf.shape(photo)[:2], tf.float32)
