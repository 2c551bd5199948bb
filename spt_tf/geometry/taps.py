"""Bilinear reading from a table of pixels, as a linear map with its exact adjoint.

Both directions share one list of taps, so the gradient of a warp is its adjoint by construction.
"""

from __future__ import annotations

from typing import Callable, NamedTuple

import tensorflow as tf
from tensorflow.python.ops.control_flow_util import GraphOrParentsInXlaContext

Product = Callable[[tf.Tensor], tf.Tensor]


class Taps(NamedTuple):
    """The four table rows that each of N points is read from.

    places: int64 `[N,4]`, row numbers, always valid.
    weights: float32 `[N,4]`, bilinear, 0 for pixels outside the map.
    """

    places: tf.Tensor
    weights: tf.Tensor


def bilinear_taps(y: tf.Tensor, x: tf.Tensor, first_row: tf.Tensor, canvas: tuple[int, int]) -> Taps:
    """Finds the taps of points in maps whose pixels are stored row by row in one table.

    Args:
        y, x: float32 `[N,1]`, pixel centres at integers.
        first_row: int64 `[N,1]`, table row of each point's map's first pixel.
        canvas: (height, width) of the maps.
    """
    height, width = canvas
    # Clipping keeps far points where float32 counts pixels; two pixels out all four weights are zero anyway.
    y = tf.clip_by_value(y, -2.0, height + 1.0)
    x = tf.clip_by_value(x, -2.0, width + 1.0)
    y0, x0 = tf.floor(y), tf.floor(x)
    down, across = (0.0, 0.0, 1.0, 1.0), (0.0, 1.0, 0.0, 1.0)  # of the four taps
    rows, columns = y0 + down, x0 + across  # [N, 4]
    weights = (1.0 - tf.abs(y - rows)) * (1.0 - tf.abs(x - columns))
    inside = (rows >= 0) & (rows < height) & (columns >= 0) & (columns < width)
    places = tf.cast(tf.where(inside, rows * width + columns, 0.0), tf.int64)
    return Taps(places + first_row, tf.where(inside, weights, 0.0))


def each_repeated(values: tf.Tensor, times: int) -> tf.Tensor:
    """Each value `times` in a row, `[N] -> [N*times]`; `tf.repeat` takes three times as many operators."""
    return tf.reshape(tf.tile(tf.expand_dims(values, 1), [1, times]), [-1])


def tap_products(taps: Taps, table_rows: tf.Tensor) -> tuple[Product, Product]:
    """Reading by taps, and the adjoint of reading.

    Args:
        taps: N points.
        table_rows: number of table rows M.

    Returns:
        read: `[M,C]` -> float32 `[N,C]`, weighted sums of four table rows.
        add: `[N,C]` -> float32 `[M,C]`, adds each value, weighted, to four table rows.
        Neither is to be differentiated; sums are taken in float32 whatever the argument's type.
    """

    def read_by_gather(table: tf.Tensor) -> tf.Tensor:
        table = tf.cast(table, tf.float32)
        return tf.add_n([tf.gather(table, taps.places[:, k]) * taps.weights[:, k, None] for k in range(4)])

    def add_by_scatter(values: tf.Tensor) -> tf.Tensor:
        values = tf.cast(values, tf.float32)
        sums = [
            tf.math.unsorted_segment_sum(values * taps.weights[:, k, None], taps.places[:, k], table_rows)
            for k in range(4)
        ]
        return tf.add_n(sums)

    # The sparse product reads, weighs and sums in one pass, on CPU 2 to 4 times as fast; XLA has none.
    if compiling_with_xla():
        return read_by_gather, add_by_scatter
    return matrix_products(tap_matrix(taps, table_rows))


def tap_matrix(taps: Taps, table_rows: tf.Tensor) -> tf.SparseTensor:
    """`[N,M]`: each point's four weights at its four table rows."""
    points = tf.shape(taps.places, tf.int64)[0]
    rows, columns = each_repeated(tf.range(points), 4), tf.reshape(taps.places, [-1])
    shape = tf.stack([points, tf.cast(table_rows, tf.int64)])
    return tf.SparseTensor(tf.stack([rows, columns], axis=1), tf.reshape(taps.weights, [-1]), shape)


def matrix_products(matrix: tf.SparseTensor) -> tuple[Product, Product]:
    """`tap_products` by such a matrix."""

    def read(table: tf.Tensor) -> tf.Tensor:
        return tf.sparse.sparse_dense_matmul(matrix, tf.cast(table, tf.float32))

    def add(values: tf.Tensor) -> tf.Tensor:
        return tf.sparse.sparse_dense_matmul(matrix, tf.cast(values, tf.float32), adjoint_a=True)

    return read, add


def compiling_with_xla() -> bool:
    """Whether the function being traced will be compiled with XLA, which wants static shapes."""
    return GraphOrParentsInXlaContext(tf.compat.v1.get_default_graph())
