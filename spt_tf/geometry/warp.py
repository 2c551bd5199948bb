"""Bilinear warping by affine transforms, with the exact gradient.

`ImageProjectiveTransformV3` gives the same values, but its registered gradient warps by the inverse
transform, which is not the adjoint.
"""

from __future__ import annotations

from collections.abc import Callable

import tensorflow as tf

from spt_tf.geometry.own_gradient import own_gradient
from spt_tf.geometry.taps import Taps, bilinear_taps, each_repeated, tap_products


def affine_warp(
    images: tf.Tensor,
    transforms: tf.Tensor,
    canvas: tuple[int, int] | None = None,
) -> tf.Tensor:
    """Warps maps by affine transforms, bilinear, with zeros outside.

    The gradient with respect to `images` is exact; there is none with respect to `transforms`.

    Args:
        images: float `[B,H,W,C]`.
        transforms: float32 `[B,8]`, target pixel -> source pixel (see `people.PoseTransfer`).
        canvas: (height, width) of the result; that of the images by default.

    Returns:
        `[B,*canvas,C]` of the images' type; sums are taken in float32.
    """
    source_canvas = (images.shape[1], images.shape[2])
    height, width = canvas or source_canvas
    batch, channels = tf.shape(images)[0], images.shape[3]
    pixels = source_canvas[0] * source_canvas[1]
    read, add = tap_products(warp_taps(transforms, (height, width), source_canvas), batch * pixels)

    @own_gradient
    def warp(images: tf.Tensor) -> tuple[tf.Tensor, Callable]:
        def grad(upstream: tf.Tensor) -> tf.Tensor:
            table = add(tf.reshape(upstream, [-1, channels]))
            return tf.cast(tf.reshape(table, [batch, *source_canvas, channels]), images.dtype)

        values = read(tf.reshape(images, [-1, channels]))
        return tf.cast(tf.reshape(values, [batch, height, width, channels]), images.dtype), grad

    return warp(images)


def warp_taps(transforms: tf.Tensor, canvas: tuple[int, int], source_canvas: tuple[int, int]) -> Taps:
    """Where all pixels of a warp are read from, B * height * width points, examples and rows in order.

    Args:
        transforms: float32 `[B,8]`, target pixel -> source pixel.
        canvas, source_canvas: (height, width) of the result and of what is warped.
    """
    return bilinear_taps(*warp_points(transforms, canvas, source_canvas), source_canvas)


def warp_points(
    transforms: tf.Tensor, canvas: tuple[int, int], source_canvas: tuple[int, int]
) -> tuple[tf.Tensor, tf.Tensor, tf.Tensor]:
    """The same as `bilinear_taps` takes it: y and x float32 `[N,1]`, the map's first row int64 `[N,1]`."""
    height, width = canvas
    pixels = source_canvas[0] * source_canvas[1]
    columns = tf.tile(tf.range(float(width)), [height])
    rows = each_repeated(tf.range(float(height)), width)
    y, x = source_points(transforms, rows, columns)  # [B, height * width]
    firsts = tf.cast(tf.range(tf.shape(transforms)[0]) * pixels, tf.int64)
    first_row = tf.expand_dims(each_repeated(firsts, height * width), 1)
    return tf.reshape(y, [-1, 1]), tf.reshape(x, [-1, 1]), first_row


def source_points(transforms: tf.Tensor, rows: tf.Tensor, columns: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
    """Where target pixels are read from.

    Args:
        transforms: float32 `[..., 8]`.
        rows, columns: float32 `[N]`, or broadcasting against `[..., N]`.

    Returns:
        y, x: float32 `[..., N]`.
    """
    a0, a1, a2, b0, b1, b2, _ = tf.split(transforms, [1, 1, 1, 1, 1, 1, 2], axis=-1)
    return b0 * columns + b1 * rows + b2, a0 * columns + a1 * rows + a2


def rescale_transforms(
    transforms: tf.Tensor,
    from_canvas: tuple[int, int],
    to_canvas: tuple[int, int],
    centred: bool = False,
) -> tf.Tensor:
    """The same transforms on maps of another size.

    Args:
        transforms: float32 `[..., 8]` in pixels of `from_canvas`.
        from_canvas, to_canvas: (height, width).
        centred: take pixel i of a map s times smaller to lie at its centre, s i + (s - 1) / 2 of the canvas.
            As published it is taken to lie at s i: whatever rotates or shrinks is read off-centre.
    """
    down, across = to_canvas[0] / from_canvas[0], to_canvas[1] / from_canvas[1]
    factors = [1.0, across / down, across, down / across, 1.0, down, 1.0, 1.0]
    if centred:
        y, x = (1.0 / down - 1.0) / 2.0, (1.0 / across - 1.0) / 2.0
        a0, a1, _, b0, b1 = tf.unstack(transforms[..., :5], axis=-1)
        zero = tf.zeros_like(a0)
        shift_x, shift_y = a0 * x + a1 * y - x, b0 * x + b1 * y - y
        transforms += tf.stack([zero, zero, shift_x, zero, zero, shift_y, zero, zero], axis=-1)
    return transforms * tf.constant(factors, tf.float32)
