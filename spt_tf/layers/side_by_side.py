"""Maps side by side: concatenation along channels, whose gradient is one operator and not ten."""

from __future__ import annotations

from collections.abc import Sequence

import tensorflow as tf

from spt_tf.geometry.own_gradient import Gradient, is_differentiated_by_own_tapes, own_gradient
from spt_tf.layers.shared import constant


def side_by_side(maps: Sequence[tf.Tensor]) -> tf.Tensor:
    """`[B,H,W,C1]`, `[B,H,W,C2]`, ... of one type, channels known -> `[B,H,W,C1+C2+...]`.

    As `tf.concat`, whose gradient works out again where each map began.
    """
    if len(maps) == 1 or not is_differentiated_by_own_tapes():
        return tf.concat(maps, axis=-1)
    return _side_by_side(*maps)


@own_gradient
def _side_by_side(*maps: tf.Tensor) -> tuple[tf.Tensor, Gradient]:
    channels = [one.shape[-1] for one in maps]

    def gradient(upstream: tf.Tensor) -> list[tf.Tensor]:
        return tf.split(upstream, constant(channels), axis=constant(-1))

    return tf.concat(maps, axis=constant(-1)), gradient
