"""Keras's convolutions, which do the large ones as a processor does them soonest (`fast_convolutions`).

In float32 only: to go to the points and back for every gradient, less has not the digits. And not where a GPU
or the like does the work. What is faster, a layer's result and its gradients together, is measured by
`scripts/bench/convolutions.py` (docs/results/convolutions.txt).

Who only draws people may hold the kernels in less (`hold_kernels`).
"""

from __future__ import annotations

import tensorflow as tf

from spt_tf.layers import fast_convolutions, winograd
from spt_tf.layers.winograd import Method

_STEPS = {3: 4, 4: 3}  # of tiles, for kernels of so many taps along an axis


def hold_kernels(network: tf.Module, dtype: tf.DType, times: int) -> None:
    """Keeps every kernel once, in the type that is computed in, for good: nothing can be learned any more.

    Keras's mixed precision casts all of them anew in every call. A large one of stride 2 is kept as calls
    want it, brought to the points in float32, in 2.25 or 4 times as many numbers; their results are then off
    by twice as much as bfloat16's are in any case.

    network: of float32 variables. times: how much higher and wider maps will be than those it was built with.
    """
    for layer in network.submodules:
        # another network that it is part of may have been here
        if isinstance(layer, _Holding) and layer.kernel.dtype != dtype:
            layer.hold(dtype, times)


class _Holding(tf.keras.layers.Layer):
    """What `hold_kernels` asks of a layer with a kernel."""

    kernel: tf.Variable
    held_at: Method | None = None  # whose points the kernel is held at
    _transposed = False

    def build(self, input_shape: tf.TensorShape) -> None:
        super().build(input_shape)
        self._built_with = input_shape

    def hold(self, dtype: tf.DType, times: int) -> None:
        """See `hold_kernels`."""
        kernel = tf.convert_to_tensor(self.kernel)
        batch, height, width, channels = self._built_with
        self.held_at = self._phases_method(
            tf.TensorSpec([batch, height * times, width * times, channels], tf.float32)
        )
        if self.held_at is not None:
            kernel = winograd.of_kernel(self.held_at, kernel, self._transposed)
        self.kernel = tf.Variable(tf.cast(kernel, dtype), trainable=False, name="kernel")

    def _phases_method(self, features: tf.Tensor | tf.TensorSpec) -> Method | None:
        """Of a layer of stride 2; None where TensorFlow's is faster, and for layers of other strides."""
        raise NotImplementedError


class Convolution(_Holding, tf.keras.layers.Conv2D):
    """As Keras's."""

    def _phases_method(self, features: tf.Tensor | tf.TensorSpec) -> Method | None:
        if (self.strides, self.padding, self.kernel_size) != ((2, 2), "same", (4, 4)):
            return None
        return halving_method(features, features.shape[3], self.filters)

    def convolution_op(self, inputs: tf.Tensor, kernel: tf.Variable) -> tf.Tensor:
        if self.held_at is not None:
            return fast_convolutions.halved(self.held_at, inputs, tf.convert_to_tensor(kernel))
        if self.strides == (1, 1) and self.padding == "valid":
            return unpadded(inputs, tf.convert_to_tensor(kernel))
        used = self._phases_method(inputs)
        if used is None:
            return super().convolution_op(inputs, kernel)
        return fast_convolutions.halving(used, inputs, tf.convert_to_tensor(kernel))


class Doubling(_Holding, tf.keras.layers.Conv2DTranspose):
    """A transposed convolution of 4x4, of stride 2, padding "same" and without bias."""

    _transposed = True

    def __init__(self, filters: int, **kwargs: object):
        super().__init__(filters, 4, strides=2, padding="same", use_bias=False, **kwargs)

    def _phases_method(self, features: tf.Tensor | tf.TensorSpec) -> Method | None:
        return doubling_method(features, self.filters)

    def call(self, inputs: tf.Tensor) -> tf.Tensor:
        if self.held_at is not None:
            return fast_convolutions.doubled(self.held_at, inputs, tf.convert_to_tensor(self.kernel))
        used = self._phases_method(inputs)
        if used is None:
            return super().call(inputs)
        return fast_convolutions.doubling(used, inputs, tf.convert_to_tensor(self.kernel))


def unpadded(features: tf.Tensor, kernel: tf.Tensor) -> tf.Tensor:
    """Of stride 1 and without padding: `[B,H+r-1,W+r-1,C]`, `[r,r,C,K] -> [B,H,W,K]`, of one type."""
    used = unstrided_method(features, *kernel.shape[1:])
    if used is None:
        return tf.nn.conv2d(features, kernel, 1, "VALID")
    return fast_convolutions.unstrided(used, features, kernel)


def unstrided_method(features: tf.Tensor, taps: int, channels: int, filters: int) -> Method | None:
    """For `fast_convolutions.unstrided`; None where TensorFlow's is faster."""
    if taps not in _STEPS or min(channels, filters) < 128 or not _can_gain(features):
        return None
    height, width = (size - taps + 1 for size in features.shape[1:3])
    return winograd.method(_STEPS[taps], taps) if height * width >= 15 * 15 else None


def halving_method(features: tf.Tensor | tf.TensorSpec, channels: int, filters: int) -> Method | None:
    """For `fast_convolutions.halving`; None where TensorFlow's is faster."""
    if not _can_gain(features) or any(size % 2 for size in features.shape[1:3]):
        return None
    return _method_of_phases(features.shape[1] * features.shape[2] // 4, channels, filters)


def doubling_method(features: tf.Tensor | tf.TensorSpec, filters: int) -> Method | None:
    """For `fast_convolutions.doubling`; None where TensorFlow's is faster."""
    if not _can_gain(features):
        return None
    return _method_of_phases(features.shape[1] * features.shape[2], filters, features.shape[3])


def _method_of_phases(pixels: int, of_large: int, of_small: int) -> Method | None:
    """pixels: of the smaller map. of_large, of_small: the maps' channels."""
    if of_large < 64 or of_small < 128:
        return None
    if pixels >= 32 * 32:
        return winograd.method(3, 2)
    # The fewer pixels, the more of the time goes into kernels, which larger tiles make larger.
    return winograd.method(2, 2) if pixels >= 8 * 8 and of_small >= 1024 else None


def _can_gain(features: tf.Tensor | tf.TensorSpec) -> bool:
    if features.dtype != tf.float32 or None in features.shape[1:3]:
        return False
    return all(device.device_type == "CPU" for device in tf.config.list_logical_devices())
