"""Convolutions by a fraction of the multiplications: Winograd's method (Lavin and Gray 2016).

A tile of the result, m x m pixels by a kernel of r x r, is a polynomial product: taken at m + r - 1 points
along each axis it takes (m + r - 1)**2 multiplications instead of (m * r)**2. What it costs to read the
points off, and to put the values there together, does not grow with the channels of the other side. A
processor's convolution (oneDNN's) multiplies them all, at the speed of a matrix product, and finds the
gradients of kernels at half of it; a GPU's chooses such forms by itself.

A convolution of stride 2 is here one of stride 1 over the four phases of its input, and a transposed one
answers with the four phases of its output: pixel `2 * i + p` along an axis is pixel i of phase p.

In float32; or in bfloat16, with a kernel that was brought to the points in float32 (`of_kernel`).
"""

from __future__ import annotations

import functools
from typing import NamedTuple

import numpy as np
import tensorflow as tf

from spt_tf.layers.shared import constant, reshape, shared

_POINTS = (0, 1, -1, 2, -2)  # and infinity


class Method(NamedTuple):
    """F(m x m, r x r): what is taken at n = m + r - 1 points, along one axis.

    of_pixels: `[n,n]`, of what a tile reads. of_kernel: `[n,r]`. back: `[m,n]`, from products to pixels.
    """

    of_pixels: np.ndarray
    of_kernel: np.ndarray
    back: np.ndarray

    @property
    def step(self) -> int:
        """m: from a tile to the next, and the side of what comes out of it, pixels."""
        return len(self.back)

    @property
    def side(self) -> int:
        """n: of what a tile reads, pixels."""
        return len(self.of_pixels)


@functools.cache
def method(step: int, taps: int) -> Method:
    """F(step, taps) at 0, 1, -1, 2, -2, as many as it takes, and infinity (Toom and Cook, transposed)."""
    points = _POINTS[: step + taps - 2]
    others = [[q for q in points if q != p] for p in points]

    def powers(count: int) -> np.ndarray:
        return np.array(
            [[float(p) ** k for k in range(count)] for p in points] + [[0.0] * (count - 1) + [1.0]]
        )

    # the polynomials that vanish at all points but one, lowest coefficient first
    vanishing = [[*np.poly(rest)[::-1], 0.0] for rest in others] + [list(np.poly(points)[::-1])]
    scales = [np.prod([p - q for q in rest]) for p, rest in zip(points, others)] + [1.0]
    return Method(np.array(vanishing), powers(taps) / np.array(scales)[:, np.newaxis], powers(step).T)


class Values(NamedTuple):
    """Maps at a method's points: `[n*n, B * down * across, C * phases**2]`.

    tiles: down and across. examples: B.
    """

    table: tf.Tensor
    tiles: tuple[int, int]
    examples: tf.Tensor | int


def tiles_for(used: Method, size: tuple[int, int], before: int = 0, phases: int = 1) -> tuple[int, int]:
    """How many tiles make a result of a size, `before` pixels of which are cut off first."""
    down, across = (-(-(side + before) // (phases * used.step)) for side in size)
    return down, across


def of_pixels(
    used: Method, maps: tf.Tensor, tiles: tuple[int, int], before: int = 0, phases: int = 1
) -> Values:
    """What tiles of a convolution read of `[B,H,W,C]`, zeros beyond it, at the points.

    before: pixels, before the first, at which the first tile starts.
    """
    return _at_points(used.of_pixels, maps, tiles, used.step, before, phases)


def of_result(used: Method, maps: tf.Tensor, tiles: tuple[int, int]) -> Values:
    """Tiles of an upstream gradient `[B,h,w,K]`, zeros beyond it, at the points: for `kernel_gradient`."""
    return _at_points(used.back.T, maps, tiles, used.step, 0, 1)


def of_kernel(used: Method, kernel: tf.Tensor, transposed: bool = False) -> tf.Tensor:
    """A kernel `[R,R,C,K]`, R the taps times the phases, at the points: `[n*n, C * phases**2, K]`.

    transposed: whether the kernel is `[R,R,K,C]`, and its taps in reverse; `[n*n, K * phases**2, C]`.
    """
    matrix = _of_kernel(used.of_kernel[:, ::-1] if transposed else used.of_kernel, kernel.shape[0])
    values = _product(matrix, reshape(kernel, kernel.shape[0] ** 2, -1))
    return reshape(values, used.side**2, -1, kernel.shape[3])


def convolution(
    used: Method,
    values: Values,
    kernel: tf.Tensor,
    size: tuple[int, int],
    transposed: bool = False,
    before: int = 0,
    phases: int = 1,
) -> tf.Tensor:
    """Values of `[B,.,.,C]` and of a kernel (`of_kernel`) -> `[B, *size, K]`.

    transposed: as the kernel's. before: pixels of the result to cut off, down and across. phases: of the
    result; where it has 1, the values have the kernel's.
    """
    filters = kernel.shape[1] // phases**2 if transposed else kernel.shape[2]
    products = tf.matmul(values.table, kernel, transpose_b=transposed)
    pixels = _along_both(used.back, reshape(products, used.side**2, -1))  # [m*m, tiles * K * phases**2]
    places = shared(_result_places, values.examples, used.step, values.tiles, size, before, phases)
    return tf.gather(reshape(pixels, -1, filters), places, axis=constant(0))


def kernel_gradient(used: Method, values: Values, of_upstream: Values, width: int) -> tf.Tensor:
    """Of what a convolution read and of its result's gradient, `[R,R,C,K]`; width: R."""
    matrix = _of_kernel(used.of_kernel, width)
    products = tf.matmul(values.table, of_upstream.table, transpose_a=True)  # [n*n, C * phases**2, K]
    kernel = _product(matrix.T, reshape(products, len(matrix), -1))
    return reshape(kernel, width, width, -1, of_upstream.table.shape[2])


def _of_kernel(matrix: np.ndarray, width: int) -> np.ndarray:
    """`[n*n*phases**2, R*R]`: along both axes, phase by phase; tap `a * phases + p` is tap a of phase p."""
    phases = np.eye(width // matrix.shape[1])
    both = np.einsum("ia,pq,jb,st->ijpsaqbt", matrix, phases, matrix, phases)
    return both.reshape(-1, width**2)


def _at_points(
    matrix: np.ndarray, maps: tf.Tensor, tiles: tuple[int, int], step: int, before: int, phases: int
) -> Values:
    side, channels = matrix.shape[1], maps.shape[3]
    reach = [phases * (step * (count - 1) + side) for count in tiles]  # pixels
    beyond = [(before, all_of_it - before - size) for all_of_it, size in zip(reach, maps.shape[1:3])]
    # the phases of a row's pixels lie side by side
    pixels = reshape(tf.pad(maps, constant([(0, 0), *beyond, (0, 0)])), -1, phases * channels)
    examples = maps.shape[0] or shared(_examples, maps)
    places = shared(_read_places, examples, side, step, tiles, phases)
    read = reshape(tf.gather(pixels, places, axis=constant(0)), side**2, -1)
    values = reshape(_along_both(matrix, read), len(matrix) ** 2, -1, channels * phases**2)
    return Values(values, tiles, examples)


def _read_places(
    examples: tf.Tensor | int, side: int, step: int, tiles: tuple[int, int], phases: int
) -> tf.Tensor:
    """What the tiles read: `[side**2, B, down * across * phases]`, phases of a row side by side."""
    rows, columns = (np.arange(side)[:, np.newaxis] + step * np.arange(count) for count in tiles)
    width = step * (tiles[1] - 1) + side
    rows = (phases * rows[:, np.newaxis, :, np.newaxis, np.newaxis] + np.arange(phases)) * width
    # made here: graphs are handed round often, and large constants with them
    places = constant(rows) + constant(columns[:, np.newaxis, :, np.newaxis])
    each = phases * (step * (tiles[0] - 1) + side) * width
    first = tf.reshape(tf.range(examples) * each, [-1, 1])
    return tf.reshape(places, [side**2, 1, -1]) + first


def _result_places(
    examples: tf.Tensor | int,
    step: int,
    tiles: tuple[int, int],
    size: tuple[int, int],
    before: int,
    phases: int,
) -> tf.Tensor:
    """Where pixels of the result `[B, *size]` stand among `[step**2, B, down * across * phases**2]`."""
    each = tiles[0] * tiles[1] * phases**2  # of an example
    (down, y, row), (across, x, column) = (_in_tiles(length, before, step, phases) for length in size)
    rows = constant(y * step) * (examples * each) + constant((down * tiles[1] * phases + row) * phases)
    columns = constant(x) * (examples * each) + constant(across * phases**2 + column)
    return tf.reshape(tf.range(examples) * each, [-1, 1, 1]) + (rows[:, tf.newaxis] + columns)


def _in_tiles(length: int, before: int, step: int, phases: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Of each pixel along an axis: its tile, its place within that, its phase."""
    tile, within = np.divmod(np.arange(before, before + length), phases * step)
    return tile, within // phases, within % phases


def _examples(maps: tf.Tensor) -> tf.Tensor:
    return tf.shape(maps)[0]


def _along_both(matrix: np.ndarray, table: tf.Tensor) -> tf.Tensor:
    """The matrix along both axes of what lies row by row in a table's first: `[n*n,N] -> [m*m,N]`."""
    return _product(np.kron(matrix, matrix), table)


def _product(matrix: np.ndarray, table: tf.Tensor) -> tf.Tensor:
    return tf.matmul(constant(matrix, table.dtype), table)
