"""3x3 convolution by a quarter of the multiplications: F(4x4, 3x3) of Lavin and Gray 2016 (after Winograd).

Each 4x4 of the result is a polynomial product of a 6x6 of the features and the kernel. Taken at six points
along each axis it becomes 36 products instead of 144; what it costs to read the points off, and to put them
together, does not grow with the channels of the other side. A processor's convolution (oneDNN's) multiplies
all 144, at nearly the speed of a matrix product; a GPU's chooses such forms by itself.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import tensorflow as tf

_TILE, _STEP = 6, 4  # sides of what is read and of what comes out of it, pixels
# Columns: a tile's pixels, a kernel's, a product's values at the points 0, 1, -1, 2, -2 and infinity.
_OF_PIXELS = np.array(
    [
        [4, 0, -5, 0, 1, 0],
        [0, -4, -4, 1, 1, 0],
        [0, 4, -4, -1, 1, 0],
        [0, -2, -1, 2, 1, 0],
        [0, 2, -1, -2, 1, 0],
        [0, 4, 0, -5, 0, 1],
    ]
)
_OF_KERNEL = np.array([[6, 0, 0], [-4, -4, -4], [-4, 4, -4], [1, 2, 4], [1, -2, 4], [0, 0, 24]]) / 24
_BACK = np.array([[1, 1, 1, 1, 1, 0], [0, 1, -1, 2, -2, 0], [0, 1, 1, 4, 4, 0], [0, 1, -1, 8, -8, 1]])
# Channels, in and out, and pixels from which it is faster: measured.
_CHANNELS, _PIXELS = 128, 16 * 16


def pays(features: tf.Tensor, filters: int) -> bool:
    """Whether `convolution` of padded features `[B,H+2,W+2,C]` is possible and faster than TensorFlow's.

    Not in less than float32, which has not the digits for it, nor where a GPU or the like does the work.
    """
    height, width, channels = (features.shape[1] - 2, features.shape[2] - 2, features.shape[3])
    fits = height % _STEP == 0 and width % _STEP == 0 and features.dtype == tf.float32
    large = min(channels, filters) >= _CHANNELS and height * width >= _PIXELS
    return fits and large and all(d.device_type == "CPU" for d in tf.config.list_logical_devices())


@tf.custom_gradient
def convolution(features: tf.Tensor, kernel: tf.Tensor) -> tuple[tf.Tensor, Callable]:
    """The convolution of padded features: float32 `[B,H+2,W+2,C]`, `[3,3,C,K] -> [B,H,W,K]`.

    H and W: multiples of 4. Rounding leaves it within 1e-4 of the result's spread (TensorFlow's: 1e-5).
    """
    scope = tf.get_current_name_scope()

    def gradient(upstream: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
        # all round two pixels, and what makes the sides of the features multiples of 4
        beyond = [(2, 2 + -size % _STEP) for size in features.shape[1:3]]
        with tf.name_scope(f"gradient_tape/{scope}/"):  # as TensorFlow names the gradients of its own
            padded = tf.pad(upstream, [(0, 0), *beyond, (0, 0)])
            turned = tf.transpose(tf.reverse(kernel, axis=[0, 1]), [0, 1, 3, 2])
            to_features = _products(padded, turned)[:, : features.shape[1], : features.shape[2]]
            to_kernel = tf.raw_ops.Conv2DBackpropFilter(
                input=features,
                filter_sizes=kernel.shape,
                out_backprop=upstream,
                strides=[1, 1, 1, 1],
                padding="VALID",
            )
        return to_features, to_kernel

    return _products(features, kernel), gradient


def _products(features: tf.Tensor, kernel: tf.Tensor) -> tf.Tensor:
    channels, filters = kernel.shape[2:]
    across = [(size - 2) // _STEP for size in features.shape[1:3]]  # tiles
    of_pixels = _at_points(_OF_PIXELS, _tiles(features))  # [36, tiles * C]
    # Not before the features are there: those of all layers would lie about for half a step.
    with tf.control_dependencies([features]):
        of_kernel = _at_points(_OF_KERNEL, tf.reshape(kernel, [9, -1]))  # [36, C * K]
    products = tf.matmul(
        tf.reshape(of_pixels, [_TILE**2, -1, channels]), tf.reshape(of_kernel, [_TILE**2, channels, filters])
    )
    pixels = _at_points(_BACK, tf.reshape(products, [_TILE**2, -1]))  # [16, tiles * K]
    shape = [tf.shape(features)[0], *across, filters]
    pixels = tf.transpose(tf.reshape(pixels, [_STEP, _STEP, *shape]), [2, 3, 0, 4, 1, 5])
    return tf.reshape(pixels, [shape[0], *(_STEP * count for count in across), filters])


def _at_points(matrix: np.ndarray, table: tf.Tensor) -> tf.Tensor:
    """The matrix along both axes of what lies row by row in a table's first: `[n*n,N] -> [m*m,N]`."""
    return tf.matmul(tf.constant(np.kron(matrix, matrix), tf.float32), table)


def _tiles(features: tf.Tensor) -> tf.Tensor:
    """`[B,H+2,W+2,C]` -> `[36, B * H/4 * W/4 * C]`: each pixel of a tile, in all tiles."""
    height, width, channels = features.shape[1:]
    rows, columns = (
        np.arange(_TILE)[:, np.newaxis] + np.arange(0, size - 2, _STEP) for size in (height, width)
    )  # [6, tiles along the axis]
    places = rows[:, np.newaxis, :, np.newaxis] * width + columns[:, np.newaxis]  # [6, 6, down, across]
    first = height * width * tf.range(tf.shape(features, tf.int64)[0])
    places = tf.constant(places.reshape(_TILE**2, 1, -1), tf.int64) + first[:, tf.newaxis]
    return tf.reshape(tf.gather(tf.reshape(features, [-1, channels]), places), [_TILE**2, -1])
