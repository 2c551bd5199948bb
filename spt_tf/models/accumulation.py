"""A batch computed in parts, one after the other: the gradients of the whole, in the memory of one part."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import tensorflow as tf

from spt_tf.models.step_statistics import Observed

Batch = dict[str, tf.Tensor]


class Measured(NamedTuple):
    """What a step knows of a batch.

    terms: per-example values `[B]` by name. observed: values that are only logged.
    gradients: for each optimizer, those of its variables: of the mean over the batch.
    """

    terms: dict[str, tf.Tensor]
    observed: dict[str, Observed]
    gradients: dict[str, list[tf.Tensor]]


def measure_in_parts(
    measure: Callable[[Batch, tf.Tensor | int], Measured], batch: Batch, parts: int
) -> Measured:
    """`measure` of a batch in `parts` of equal size: the same but for rounding, since losses are means.

    measure: takes a part and the place of its first example in the batch. A part waits for the one before.
    """
    if parts == 1:
        return measure(batch, 0)
    size = tf.shape(next(iter(batch.values())))[0] // parts
    stacked = {name: tf.reshape(one, [parts, size, *one.shape[1:]]) for name, one in batch.items()}

    def measure_part(number: tf.Tensor | int) -> Measured:
        part = measure({name: one[number] for name, one in stacked.items()}, number * size)
        return part._replace(observed={name: _with_weights(one) for name, one in part.observed.items()})

    # The first by itself: it shows what the others will look like.
    first = measure_part(0)
    values = tf.nest.flatten((first.terms, first.observed))
    sums = tf.nest.flatten(first.gradients)
    arrays = [tf.TensorArray(one.dtype, parts, element_shape=one.shape).write(0, one) for one in values]

    def add_part(number: tf.Tensor, sums: list[tf.Tensor], arrays: list[tf.TensorArray]) -> tuple:
        part = measure_part(number)
        sums = [total + one for total, one in zip(sums, tf.nest.flatten(part.gradients))]
        ones = tf.nest.flatten((part.terms, part.observed))
        return number + 1, sums, [array.write(number, one) for array, one in zip(arrays, ones)]

    _, sums, arrays = tf.while_loop(
        lambda number, *_: number < parts, add_part, [tf.constant(1), sums, arrays], parallel_iterations=1
    )
    terms, observed = tf.nest.pack_sequence_as(
        (first.terms, first.observed), [array.concat() for array in arrays]
    )
    means = [total / tf.cast(parts, total.dtype) for total in sums]
    return Measured(terms, observed, tf.nest.pack_sequence_as(first.gradients, means))


def _with_weights(observed: Observed) -> Observed:
    return (
        observed if observed.weights is not None else Observed(observed.values, tf.ones_like(observed.values))
    )
