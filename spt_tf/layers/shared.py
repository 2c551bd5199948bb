"""What many layers of a graph need alike, made once: the fewer operators, the sooner it is traced."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import tensorflow as tf

_MADE = "_made_for_all_layers"  # a graph's attribute


def shared(make: Callable[..., Any], *given: Any) -> Any:
    """`make(*given)`, once for all layers of a graph that give the same; given: tensors, or hashable.

    Not where a graph has several replicas: what one of them makes lies on its own device.
    """
    if not _can_share():
        return make(*given)
    key = (make, *(one.ref() if tf.is_tensor(one) else one for one in given))
    graph = tf.compat.v1.get_default_graph()
    made: dict[Any, Any] = getattr(graph, _MADE, {})
    setattr(graph, _MADE, made)
    if key not in made:
        with tf.control_dependencies(None):  # whichever layer asks first, others need not wait for it
            made[key] = make(*given)
    return made[key]


def called_alike(function: Callable[..., tf.Tensor], *given: tf.Tensor) -> tf.Tensor:
    """`function(*given)`, which a graph traces once for all calls with tensors of the same shapes and types.

    function: computes with its arguments alone, not with variables. Where it is called once this is no gain.
    """
    if not _can_share():
        return function(*given)
    return shared(_traced, function)(*given)


def constant(values: Any, dtype: tf.DType = tf.int32) -> tf.Tensor:
    """As `tf.constant`, shared; values: as NumPy takes them."""
    array = np.asarray(values)
    return shared(_constant, array.tobytes(), array.dtype.str, array.shape, dtype)


def reshape(values: tf.Tensor, *shape: int) -> tf.Tensor:
    """As `tf.reshape`, to a shape of numbers, shared."""
    return tf.reshape(values, constant(shape))


def _can_share() -> bool:
    """Whether a graph is made, and of one replica."""
    return not tf.executing_eagerly() and tf.distribute.get_strategy().num_replicas_in_sync == 1


def _traced(function: Callable) -> Callable:
    scope = tf.get_current_name_scope() or function.__name__

    def named(*given: tf.Tensor) -> tf.Tensor:
        with tf.name_scope(f"{scope}/"):  # of the first that calls: profiles tell whose operators they are
            return function(*given)

    return tf.function(named, autograph=False)


def _constant(data: bytes, kind: str, shape: tuple[int, ...], dtype: tf.DType) -> tf.Tensor:
    return tf.constant(np.frombuffer(data, kind).reshape(shape), dtype)
