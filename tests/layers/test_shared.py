"""Constants and the like that layers of one graph share."""

from __future__ import annotations

import numpy as np
import tensorflow as tf

from spt_tf.layers.shared import called_alike, constant, reshape, shared


def operators(call):
    """The operators of a call's graph."""
    return tf.function(call, autograph=False).get_concrete_function().graph.get_operations()


def test_a_graph_makes_equal_constants_once():
    def call():
        for _ in range(3):
            constant([1, 2]), constant([[1, 2]]), constant([1, 2], tf.float32), constant([1, 3])

    assert [one.type for one in operators(call)] == ["Const"] * 4


def test_a_constant_has_its_values_its_shape_and_its_type():
    values = np.array([[0.5, -1.0], [2.0, 3.0]])

    @tf.function(autograph=False)
    def call():
        return constant(values, tf.float32), constant(values, tf.float32), constant((3, -1))

    for one, other, shape in (call(), (constant(values, tf.float32),) * 2 + (constant((3, -1)),)):
        assert one.dtype == tf.float32
        np.testing.assert_array_equal(one, values)
        np.testing.assert_array_equal(other, values)
        np.testing.assert_array_equal(shape, [3, -1])


def test_another_graph_makes_its_own():
    graphs = [tf.function(lambda: constant(7), autograph=False).get_concrete_function().graph for _ in "ab"]
    assert [len(graph.get_operations()) for graph in graphs] == [2, 2]  # and what it returns


def test_what_is_shared_waits_for_nobody():
    made = []

    def call():
        with tf.control_dependencies([tf.random.normal([])]):
            made.append(shared(tf.range, 5))

    operators(call)
    assert not made[0].op.control_inputs


def test_what_is_made_of_other_tensors_is_not_shared():
    def call():
        one, other = tf.random.normal([]), tf.random.normal([])
        for given in (one, other, one):
            shared(tf.sign, given)

    assert [one.type for one in operators(call)].count("Sign") == 2


def test_replicas_share_nothing():
    strategy = tf.distribute.MirroredStrategy([one.name for one in tf.config.list_logical_devices("CPU")[:2]])
    assert strategy.num_replicas_in_sync == 2

    def call():
        strategy.run(lambda: constant(7))

    assert [one.type for one in operators(call)].count("Const") >= 2


def test_reshape_is_tensorflows():
    maps = tf.random.normal([2, 3, 4])
    np.testing.assert_array_equal(reshape(maps, 6, -1), tf.reshape(maps, [6, -1]))


def test_what_is_called_alike_is_traced_once_and_differentiated():
    traced = []

    def squared(values):
        traced.append(values.shape)
        return values * values

    def step(values):
        with tf.GradientTape() as tape:
            tape.watch(values)
            results = [
                called_alike(squared, called_alike(squared, values)),
                called_alike(squared, values[:1]),
            ]
        return results, tape.gradient(results[0], values)

    values = tf.constant([2.0, 3.0])
    (fourth, square), gradient = tf.function(step, autograph=False)(values)
    assert traced == [[2], [1]]
    assert (fourth.numpy().tolist(), square.numpy().tolist()) == ([16.0, 81.0], [4.0])
    assert gradient.numpy().tolist() == [32.0, 108.0]
    step(values)
    assert len(traced) == 5  # eagerly every call is its own
