"""The rule of `gpu_placement.py` catches what it is for, and lets pass what is normal."""

from __future__ import annotations

import pytest
import tensorflow as tf

from tests.gpu_placement import assert_stays_on_the_gpu, misplaced_operators, needs_gpu_kernels

pytestmark = needs_gpu_kernels


@pytest.mark.parametrize(
    ("leave", "operator"),
    [
        (lambda x: tf.gather(tf.cast(x, tf.uint8), [0]), "GatherV2"),
        (lambda x: tf.math.unsorted_segment_max(tf.cast(x, tf.uint8), [0, 1], 2), "UnsortedSegmentMax"),
        (lambda x: tf.cast(x, tf.int32) * 2, "Mul"),
        (lambda x: tf.cast(x, tf.int32) // 2, "FloorDiv"),
        (lambda x: tf.unstack(tf.where(x > 0), axis=1)[0], "Unpack"),
        (
            lambda x: tf.map_fn(lambda row: tf.cast(tf.gather(tf.cast(row, tf.uint8), 0), tf.float32), x),
            "GatherV2",
        ),
    ],
)
def test_what_leaves_the_gpu_is_named(leave, operator):
    """In a function that another calls, too."""
    inner = tf.function(leave)
    function = tf.function(lambda x: inner(x + 1.0)).get_concrete_function(tf.TensorSpec([2, 20]))
    assert operator in {fault.operator.split("(")[0] for fault in misplaced_operators(function)}
    with pytest.raises(AssertionError, match=rf"{operator}\(.*\) at .+: "):
        assert_stays_on_the_gpu(function)


def test_shapes_may_be_computed_on_the_host():
    def half(x):
        return tf.reshape(x, [tf.shape(x)[0] * 2, tf.shape(x)[1] // 2])

    assert_stays_on_the_gpu(tf.function(half).get_concrete_function(tf.TensorSpec([2, 20])))
