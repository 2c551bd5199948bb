"""The inner loop of the energy: runs of pixels of one part in one pair, compiled.

A run is a few pixels in a row. What depends on the pair and the part is worked out once for each run, and
only the look-ups and the weighted taps for each pixel.
"""

from __future__ import annotations

from typing import NamedTuple

import tensorflow as tf

from spt_tf.pseudo_labels.packed_people import LABEL_BITS

RUN = 8  # pixels


class Runs(NamedTuple):
    """S runs, all `[S]`.

    candidate: int32, place of the first pixel in the table of maps, in row-major order.
    source: int32, place of the source's map in the table.
    part: int32.
    pixels: int32, how many pixels count, up to `RUN`.
    y, x: float32, where the first pixel is read from in the source.
    step_y, step_x: float32, how far the next pixel is read from there.
    """

    candidate: tf.Tensor
    source: tf.Tensor
    part: tf.Tensor
    pixels: tf.Tensor
    y: tf.Tensor
    x: tf.Tensor
    step_y: tf.Tensor
    step_x: tf.Tensor


@tf.function(jit_compile=True, autograph=False)
def runs_of_boxes(
    row_of: tf.Tensor, begins: tf.Tensor, whole: tf.Tensor, maps: tf.Tensor, canvas: tuple[int, int]
) -> Runs:
    """Cuts boxes into runs, each box's one after the other.

    Args:
        row_of: int32 `[S]`, which row of the next three a run belongs to.
        begins: int32 `[R]`, the row's first run.
        whole: int32 `[R,7]`: source, candidate, part, box (first row, first column, rows, columns).
        maps: float32 `[R,6]`, candidate pixel -> source pixel.
        canvas: (height, width) of the maps.
    """
    height, width = canvas
    source, candidate, part, first_row, first_column, _, columns = (
        tf.gather(column, row_of) for column in tf.unstack(whole, axis=1)
    )
    a0, a1, a2, b0, b1, b2 = (tf.gather(column, row_of) for column in tf.unstack(maps, axis=1))
    place = tf.range(row_of.shape[0]) - tf.gather(begins, row_of)
    across = (columns + RUN - 1) // RUN
    row = first_row + place // across
    passed = RUN * (place % across)
    column = first_column + passed
    y, x = tf.cast(row, tf.float32), tf.cast(column, tf.float32)
    return Runs(
        candidate=(candidate * height + row) * width + column,
        source=source * height * width,
        part=part,
        pixels=tf.minimum(columns - passed, RUN),
        y=b0 * x + b1 * y + b2,
        x=a0 * x + a1 * y + a2,
        step_y=b0,
        step_x=a0,
    )


@tf.function(jit_compile=True, autograph=False)
def squared_differences(table: tf.Tensor, runs: Runs) -> tf.Tensor:
    """|| B_p S_p - f(B_ps S_ps) ||^2 over each run: float32 `[S]`.

    table: uint16 `[T,H,W]`, as `PackedPeople.pixels`.
    """
    _, height, width = table.shape
    table = tf.reshape(table, [-1])
    runs = Runs(*(v[:, tf.newaxis] for v in runs))
    lane = tf.range(RUN)  # [S, RUN] from here on

    def look(place: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
        """Label, and 1 where the pixel is in the part."""
        pixel = tf.cast(tf.gather(table, place), tf.int32)
        member = tf.bitwise.bitwise_and(tf.bitwise.right_shift(pixel, runs.part + LABEL_BITS), 1)
        return tf.bitwise.bitwise_and(pixel, (1 << LABEL_BITS) - 1), tf.cast(member, tf.float32)

    label, member = look(runs.candidate + tf.minimum(lane, runs.pixels - 1))
    steps = tf.cast(lane, tf.float32)
    # Far points are brought near; two pixels out all four weights are zero anyway.
    y = tf.clip_by_value(runs.y + runs.step_y * steps, -2.0, height + 1.0)
    x = tf.clip_by_value(runs.x + runs.step_x * steps, -2.0, width + 1.0)
    top, left = tf.floor(y), tf.floor(x)
    rows = [_tap(top, top + 1.0 - y, height), _tap(top + 1.0, y - top, height)]
    columns = [_tap(left, left + 1.0 - x, width), _tap(left + 1.0, x - left, width)]
    taps = []
    for row, row_weight in rows:
        for column, column_weight in columns:
            tap_label, tap_member = look(runs.source + row * width + column)
            taps.append((tap_label, row_weight * column_weight * tap_member))
    # |c - sum_k w_k e_k|^2 with one-hot c and e_k
    total = member
    for i, (tap_label, weight) in enumerate(taps):
        total += weight * weight - 2.0 * member * weight * tf.cast(tap_label == label, tf.float32)
        for other_label, other_weight in taps[:i]:
            total += 2.0 * weight * other_weight * tf.cast(tap_label == other_label, tf.float32)
    return tf.reduce_sum(tf.where(lane < runs.pixels, total, 0.0), axis=1)


def _tap(place: tf.Tensor, weight: tf.Tensor, size: int) -> tuple[tf.Tensor, tf.Tensor]:
    """Row or column to read as int32, and its weight, 0 outside the map."""
    inside = (place >= 0) & (place < size)
    return tf.cast(tf.clip_by_value(place, 0.0, size - 1.0), tf.int32), tf.where(inside, weight, 0.0)
