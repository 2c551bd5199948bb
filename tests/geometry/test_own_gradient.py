"""Whoever differentiates a function takes the gradient that it brings."""

from __future__ import annotations

import pytest
import tensorflow as tf

from spt_tf.geometry.own_gradient import differentiate_by_own_tapes, own_gradient


@own_gradient
def _product(first, second):
    """Its gradients are not the true ones, to be told from TensorFlow's."""
    return first * second, lambda upstream: (upstream * 10.0, upstream * 20.0)


@own_gradient
def _squared(values):
    return values * values, lambda upstream: upstream * 3.0


def _step(first, second):
    differentiate_by_own_tapes()
    return _gradients(first, second)


def _gradients(first, second):
    with tf.GradientTape() as tape:
        tape.watch([first, second])
        result = 2.0 * _product(first, _squared(second))
    return result, tape.gradient(result, [first, second])


@pytest.mark.parametrize(
    "function", [_gradients, tf.function(_gradients), tf.function(_step)], ids=["eager", "traced", "a step"]
)
def test_a_tape_takes_the_gradient_that_was_brought(function):
    result, gradients = function(tf.constant(5.0), tf.constant(3.0))
    assert (result, *gradients) == (90.0, 20.0, 120.0)


def test_several_tapes_take_it_each_of_what_it_watches():
    first, second = tf.constant(5.0), tf.constant(3.0)
    with tf.GradientTape(watch_accessed_variables=False) as outer, tf.GradientTape() as inner:
        outer.watch(first)
        inner.watch(second)
        result = _product(first, second)
    assert outer.gradient(result, first) == 10.0
    assert inner.gradient(result, second) == 20.0


def test_a_tape_takes_it_from_outside_of_a_traced_function():
    values = tf.constant(5.0)
    traced = tf.function(_squared)

    def step():
        differentiate_by_own_tapes()
        with tf.GradientTape() as tape:
            tape.watch(values)
            result = traced(values)
        return tape.gradient(result, values)

    with tf.GradientTape() as tape:
        tape.watch(values)
        result = traced(values)
    assert tape.gradient(result, values) == 3.0
    assert tf.function(step)() == 3.0  # of a graph within the step's


def test_a_step_has_no_operators_but_the_functions_own():
    values = tf.TensorSpec([4], tf.float32)

    def kinds(function):
        return sorted(
            one.type for one in function.get_concrete_function(values, values).graph.get_operations()
        )

    @tf.function
    def step(first, second):
        differentiate_by_own_tapes()
        with tf.GradientTape() as tape:
            tape.watch(first)
            result = _product(first, second)
        return tape.gradient(result, first, output_gradients=second)

    @tf.function
    def written_out(first, second):
        _ = first * second
        _ = second * 20.0
        return second * 10.0

    assert kinds(step) == kinds(written_out)
