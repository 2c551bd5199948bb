"""Three convolutions by Winograd's method, and their gradients by it; TensorFlow's to rounding.

Of kernels; or, without gradients, of kernels at the method's points (`winograd.of_kernel`).
"""

from __future__ import annotations

from collections.abc import Callable

import tensorflow as tf

from spt_tf.geometry.own_gradient import own_gradient
from spt_tf.layers import winograd
from spt_tf.layers.winograd import Method, Values

_Gradients = Callable[[tf.Tensor, tf.Tensor, tf.Tensor], tuple[tf.Tensor, tf.Tensor]]


@tf.autograph.experimental.do_not_convert
def unstrided(used: Method, features: tf.Tensor, kernel: tf.Tensor) -> tf.Tensor:
    """Without padding: float32 `[B,H+r-1,W+r-1,C]`, `[r,r,C,K] -> [B,H,W,K]`; `used`: of r taps."""
    taps, (height, width) = kernel.shape[0], features.shape[1:3]
    size = (height - taps + 1, width - taps + 1)
    tiles, back = winograd.tiles_for(used, size), winograd.tiles_for(used, (height, width))

    def result(features: tf.Tensor, kernel: tf.Tensor) -> tf.Tensor:
        values = winograd.of_pixels(used, features, tiles)
        return winograd.convolution(used, values, winograd.of_kernel(used, kernel), size)

    def gradients(features: tf.Tensor, kernel: tf.Tensor, upstream: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
        values = winograd.of_pixels(used, upstream, back, taps - 1)
        turned = winograd.of_kernel(used, kernel, transposed=True)
        to_features = winograd.convolution(used, values, turned, (height, width), transposed=True)
        with tf.control_dependencies([to_features]):
            values, result = (
                winograd.of_pixels(used, features, tiles),
                winograd.of_result(used, upstream, tiles),
            )
            return to_features, winograd.kernel_gradient(used, values, result, taps)

    return _with_gradients(result, gradients, features, kernel)


@tf.autograph.experimental.do_not_convert
def halving(used: Method, features: tf.Tensor, kernel: tf.Tensor) -> tf.Tensor:
    """4x4 of stride 2, padding "same": float32 `[B,2h,2w,C]`, `[4,4,C,K] -> [B,h,w,K]`; `used`: of 2 taps."""

    def result(features: tf.Tensor, kernel: tf.Tensor) -> tf.Tensor:
        return halved(used, features, winograd.of_kernel(used, kernel))

    def gradients(features: tf.Tensor, kernel: tf.Tensor, upstream: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
        to_features = doubled(used, upstream, winograd.of_kernel(used, kernel, transposed=True))
        with tf.control_dependencies([to_features]):
            return to_features, _kernel_gradient(used, _phases(used, features), upstream)

    return _with_gradients(result, gradients, features, kernel)


@tf.autograph.experimental.do_not_convert
def doubling(used: Method, features: tf.Tensor, kernel: tf.Tensor) -> tf.Tensor:
    """Its transpose: float32 `[B,h,w,C]`, `[4,4,K,C] -> [B,2h,2w,K]`."""

    def gradients(features: tf.Tensor, kernel: tf.Tensor, upstream: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
        phases = _phases(used, upstream)
        to_features = _halved(used, phases, winograd.of_kernel(used, kernel), upstream)
        with tf.control_dependencies([to_features]):
            return to_features, _kernel_gradient(used, phases, features)

    def result(features: tf.Tensor, kernel: tf.Tensor) -> tf.Tensor:
        return doubled(used, features, winograd.of_kernel(used, kernel, transposed=True))

    return _with_gradients(result, gradients, features, kernel)


def halved(used: Method, large: tf.Tensor, kernel: tf.Tensor) -> tf.Tensor:
    """As `halving`, of a kernel at the points."""
    return _halved(used, _phases(used, large), kernel, large)


def doubled(used: Method, small: tf.Tensor, kernel: tf.Tensor) -> tf.Tensor:
    """As `doubling`, of a kernel at the points, turned (`transposed`).

    Pixel 2i + p, counted from one before the first, takes tap p of pixel i, and p + 2 of the one before.
    """
    size = (2 * small.shape[1], 2 * small.shape[2])
    tiles = winograd.tiles_for(used, size, before=1, phases=2)
    values = winograd.of_pixels(used, small, tiles, before=1)
    return winograd.convolution(used, values, kernel, size, transposed=True, before=1, phases=2)


def _with_gradients(
    result: Callable[[tf.Tensor, tf.Tensor], tf.Tensor],
    gradients: _Gradients,
    features: tf.Tensor,
    kernel: tf.Tensor,
) -> tf.Tensor:
    """`result(features, kernel)`, whose gradients are `gradients(features, kernel, upstream)`.

    Nothing is made of a kernel before the features are there, nor of features again before the upstream
    gradient is: it would lie about for half a step.
    """
    scope = tf.get_current_name_scope()

    @own_gradient
    def convolved(features: tf.Tensor, kernel: tf.Tensor) -> tuple[tf.Tensor, Callable]:
        def gradient(upstream: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
            # named as TensorFlow names the gradients of its own
            with tf.name_scope(f"gradient_tape/{scope}/"), tf.control_dependencies([upstream]):
                return gradients(features, kernel, upstream)

        with tf.control_dependencies([features]):
            return result(features, kernel), gradient

    return convolved(features, kernel)


def _phases(used: Method, large: tf.Tensor) -> Values:
    """What the tiles of a halving read of `[B,2h,2w,C]`, one pixel wider all round: `[B,h+1,w+1,2*2*C]`."""
    half = (large.shape[1] // 2, large.shape[2] // 2)
    return winograd.of_pixels(used, large, winograd.tiles_for(used, half), before=1, phases=2)


def _halved(used: Method, phases: Values, kernel: tf.Tensor, large: tf.Tensor) -> tf.Tensor:
    """The phases of `[B,2h,2w,C]`, `[4,4,C,K]` at the points -> `[B,h,w,K]`."""
    half = (large.shape[1] // 2, large.shape[2] // 2)
    return winograd.convolution(used, phases, kernel, half)


def _kernel_gradient(used: Method, phases: Values, small: tf.Tensor) -> tf.Tensor:
    """The phases of `[B,2h,2w,C]`, `[B,h,w,K] -> [4,4,C,K]`."""
    return winograd.kernel_gradient(used, phases, winograd.of_result(used, small, phases.tiles), 4)
