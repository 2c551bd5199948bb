"""The exported graph needs nothing but TensorFlow's runtime, and defends itself."""

from __future__ import annotations

import numpy as np
import pytest
import tensorflow as tf

from tests.serving.c_api import ask, read_saved_model
from tests.serving.direct import direct
from tests.serving.refusals import RAW, REFUSALS, good
from tests.serving.stand_in import CANVAS, SIGNATURES

INVALID_ARGUMENT = 3
# Stock, but meaningless in another process: they call back into this Python.
PYTHON_OPERATORS = {"PyFunc", "PyFuncStateless", "EagerPyFunc"}


@pytest.fixture(scope="module")
def asked(model_base_path, tmp_path_factory):
    """Every signature's answer and every refusal by name, from one process, and its operators."""
    requests = {name: (name, good(name)) for name in SIGNATURES}
    requests.update({why: (name, {**good(name), key: wrong}) for why, (name, key, wrong) in REFUSALS.items()})
    floats = RAW["source_image"].astype(np.float32)
    requests["image as float"] = ("transfer_pose", {**RAW, "source_image": floats})
    scratch = tmp_path_factory.mktemp("c_api")
    answers, operators = ask(model_base_path / "1", list(requests.values()), scratch)
    return dict(zip(requests, answers)), operators


@pytest.fixture(scope="module")
def answers(asked):
    return asked[0]


def test_same_pixels_as_the_generator(answers):
    image, parsing = direct(RAW)
    for name in ("transfer_pose", "serving_default"):
        np.testing.assert_array_equal(answers[name]["image"], image)
        np.testing.assert_array_equal(answers[name]["parsing"], parsing)
    np.testing.assert_array_equal(answers["transform_parsing"]["parsing"], parsing)
    decoded = [tf.io.decode_png(png).numpy() for png in answers["transfer_pose_encoded"]["image"]]
    np.testing.assert_array_equal(decoded, image)


def test_own_parsing_is_used(answers):
    assert (answers["generate_from_parsing"]["image"] != answers["transfer_pose"]["image"]).any()


@pytest.mark.parametrize("why", REFUSALS)
def test_refused_by_the_graph_by_name(answers, why):
    assert isinstance(answers[why], tuple), "was answered"
    code, message = answers[why]
    assert code == INVALID_ARGUMENT
    assert REFUSALS[why][1] in message


def test_another_dtype_is_refused(answers):
    assert answers["image as float"][0] == INVALID_ARGUMENT


def test_every_operator_is_stock(model_base_path, asked):
    graph = read_saved_model(model_base_path / "1").meta_graphs[0].graph_def
    nodes = [*graph.node, *(node for function in graph.library.function for node in function.node_def)]
    functions = {function.signature.name for function in graph.library.function}
    used = {node.op for node in nodes} - functions
    assert {"Conv2D", "DecodeJpeg", "EncodePng"} <= used  # the list sees into functions
    assert not used & PYTHON_OPERATORS
    assert used <= asked[1], f"not in stock TensorFlow: {used - asked[1]}"


def test_signature_shapes_are_documented(model_base_path):
    signature = read_saved_model(model_base_path / "1").meta_graphs[0].signature_def["transfer_pose"]
    assert set(signature.inputs) == set(RAW)
    assert [dim.size for dim in signature.inputs["source_image"].tensor_shape.dim] == [-1, *CANVAS, 3]
    assert signature.method_name == "tensorflow/serving/predict"
