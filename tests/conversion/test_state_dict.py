"""The authors' tensors by our names and back, exact to the bit."""

from __future__ import annotations

import math

import numpy as np
import pytest

from spt_tf.conversion.name_table import generator_table
from spt_tf.conversion.state_dict import StateDictError, to_ours, to_theirs
from tests.formula_weights import formula_tensor, state_dict_shapes

TABLE = generator_table(width=0.04, levels=3)


@pytest.fixture
def state():
    return {row.theirs: formula_tensor(row.theirs, row.shape) for row in TABLE}


def test_the_table_is_the_authors():
    table = generator_table()
    shapes = state_dict_shapes("generator")
    assert [(row.theirs, list(row.shape)) for row in table] == list(shapes.items())
    assert round(sum(math.prod(row.shape) for row in table) / 1e6, 1) == 61.5


@pytest.mark.parametrize("prefix", ["", "module."])
def test_there_and_back_is_exact_to_the_bit(state, prefix):
    back = to_theirs(to_ours({prefix + name: tensor for name, tensor in state.items()}, TABLE), TABLE)
    assert list(back) == list(state)
    for name, tensor in state.items():
        assert back[name].dtype == np.float32 and back[name].flags.c_contiguous
        assert back[name].shape == tensor.shape and back[name].tobytes() == tensor.tobytes()


def test_kernels_are_turned_both_kinds():
    ours = {row.ours: row.shape for row in TABLE}
    state = {row.theirs: np.zeros(row.shape, np.float32) for row in TABLE}
    for row in TABLE:
        if len(row.shape) == 4:
            assert to_ours(state, TABLE)[row.ours].shape == (*row.shape[2:], row.shape[1], row.shape[0])
    assert ours["decoder.ups.0.convolution.kernel"][1] == 3  # the fine decoder's filters, 64 * 0.04


def test_everything_that_does_not_fit_is_named_at_once(state):
    first, second, third, fourth = list(state)[:4]
    del state[first]
    state["model_global.extra"] = np.zeros(3, np.float32)
    state[second] = np.zeros(7, np.float32)
    state[fourth] = state[fourth].astype(np.float64)
    with pytest.raises(StateDictError) as error:
        to_ours(state, TABLE)
    message = str(error.value)
    assert f"1 missing: {first}" in message and "1 extra: model_global.extra" in message
    assert (
        f"1 misshaped: {second} (7,) instead of" in message and f"1 not float32: {fourth} float64" in message
    )
    assert third not in message and "\n" not in message


@pytest.mark.parametrize(
    ("tensors", "message"), [({}, "empty"), ({"conv1.weight": np.zeros(2)}, "begins with conv1.weight")]
)
def test_another_architecture_is_one_short_line(tensors, message):
    with pytest.raises(StateDictError, match=f"another architecture: none of the {len(TABLE)}.*{message}"):
        to_ours(tensors, TABLE)
