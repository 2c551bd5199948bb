"""Both forms of a tensor message, read back by TensorFlow's own C++ and by ours."""

from __future__ import annotations

import numpy as np
import pytest
import tensorflow as tf
from tensorflow.core.framework import tensor_pb2

from spt_tf.serving.embedded.tensor_messages import to_array, to_tensor_content, to_typed_fields

_NUMBERS = {
    tf.float32: "float_val",
    tf.float64: "double_val",
    tf.int8: "int_val",
    tf.int16: "int_val",
    tf.int32: "int_val",
    tf.uint8: "int_val",
    tf.uint16: "int_val",
    tf.int64: "int64_val",
    tf.uint32: "uint32_val",
    tf.uint64: "uint64_val",
    tf.float16: "half_val",
    tf.bfloat16: "half_val",
    tf.complex64: "scomplex_val",
    tf.complex128: "dcomplex_val",
}
# Lengths around those where a length takes one more byte, and bytes that look like lengths.
STRINGS = np.array([[b"", b"a\x80\xff"], [b"x" * 127, b"y" * 128], [b"z" * 20_000, b"\x00"]], object)


def example(dtype: tf.DType) -> np.ndarray:
    """A `[2,3]` array with the type's extremes, which need the longest encodings."""
    if dtype == tf.string:
        return STRINGS
    if dtype == tf.bool:
        return np.array([[True, False, True], [False, False, True]])
    if dtype.is_complex:
        return np.array([[1 + 2j, -3j, 0.25], [5, 1e9j, -1]], dtype.as_numpy_dtype)
    return np.array([[dtype.min, dtype.max, 0], [1, 127, 5]], dtype.as_numpy_dtype)


def read_by_tensorflow(message: tensor_pb2.TensorProto, dtype: tf.DType) -> np.ndarray:
    """`Tensor::FromProto`, by way of the operator that calls it."""
    return tf.io.parse_tensor(message.SerializeToString(), dtype).numpy()


def fields_used(message: tensor_pb2.TensorProto) -> set[str]:
    return {field.name for field, _ in message.ListFields()} - {"dtype", "tensor_shape"}


@pytest.mark.parametrize("dtype", [*_NUMBERS, tf.bool, tf.string], ids=lambda dtype: dtype.name)
@pytest.mark.parametrize("write", [to_typed_fields, to_tensor_content])
def test_tensorflow_and_we_read_what_was_written(write, dtype):
    array = example(dtype)
    message = write(array)
    for read in (read_by_tensorflow(message, dtype), to_array(message)):
        assert read.dtype == array.dtype
        np.testing.assert_array_equal(read, array)


@pytest.mark.parametrize("dtype", [*_NUMBERS, tf.bool, tf.string], ids=lambda dtype: dtype.name)
def test_values_stand_where_tf_serving_puts_them(dtype):
    field = {**_NUMBERS, tf.bool: "bool_val", tf.string: "string_val"}[dtype]
    assert fields_used(to_typed_fields(example(dtype))) == {field}
    assert fields_used(to_tensor_content(example(dtype))) == {"tensor_content"}


@pytest.mark.parametrize("dtype", [tf.uint8, tf.float32, tf.bfloat16], ids=lambda dtype: dtype.name)
def test_content_equals_tensorflows_bytes(dtype):
    """Against `Tensor::AsProtoTensorContent`, which the serializing operator calls for numbers."""
    array = example(dtype)
    official = tensor_pb2.TensorProto.FromString(tf.io.serialize_tensor(tf.constant(array)).numpy())
    assert to_tensor_content(array) == official


def test_a_slice_and_an_empty_array():
    columns = np.arange(12, dtype=np.uint8).reshape(3, 4)[:, ::2]
    nothing = np.zeros((0, 4), np.float32)
    for write in (to_typed_fields, to_tensor_content):
        np.testing.assert_array_equal(to_array(write(columns)), columns)
        assert to_array(write(nothing)).shape == (0, 4)


def test_strings_that_do_not_fill_their_content_are_refused():
    message = to_tensor_content(STRINGS)
    whole = message.tensor_content
    for content in (whole[:-1], whole + b"x", whole[:3], b"\xff" * 40):
        message.tensor_content = content
        with pytest.raises(ValueError, match="content"):
            to_array(message)


def test_values_are_filled_up_as_tensorflow_does():
    for dtype, field, values in (
        (tf.uint8, "int_val", [1, 2]),
        (tf.uint8, "int_val", []),
        (tf.float32, "float_val", [0.5]),
        (tf.string, "string_val", [b"a", b"b"]),
        (tf.string, "string_val", []),
    ):
        message = tensor_pb2.TensorProto(dtype=dtype.as_datatype_enum)
        message.tensor_shape.dim.add(size=3)
        getattr(message, field).extend(values)
        np.testing.assert_array_equal(to_array(message), read_by_tensorflow(message, dtype))


@pytest.mark.parametrize(
    ("dtype", "field", "values"),
    [
        (tf.uint8, "int_val", [1, 2, 3]),
        (tf.uint8, "int_val", [256, 0]),
        (tf.uint8, "int_val", [0, -1]),
        (tf.int8, "int_val", [128, 0]),
        (tf.float32, "float_val", [1, 2, 3]),
        (tf.string, "string_val", [b"a", b"b", b"c"]),
    ],
)
def test_values_that_tensorflow_would_drop_or_wrap_are_refused(dtype, field, values):
    message = tensor_pb2.TensorProto(dtype=dtype.as_datatype_enum)
    message.tensor_shape.dim.add(size=2)
    getattr(message, field).extend(values)
    read_by_tensorflow(message, dtype)  # without a word
    with pytest.raises(ValueError):
        to_array(message)


def test_a_length_longer_than_tensorflow_reads_is_refused():
    message = tensor_pb2.TensorProto(dtype=tf.string.as_datatype_enum)
    message.tensor_content = b"\x81" + b"\x80" * 6 + b"\0a"
    with pytest.raises(tf.errors.InvalidArgumentError):
        read_by_tensorflow(message, tf.string)
    with pytest.raises(ValueError, match="longer than 32 bits"):
        to_array(message)


def test_a_type_without_a_field_is_refused():
    with pytest.raises(TypeError, match="qint8"):
        to_typed_fields(np.zeros(2, tf.qint8.as_numpy_dtype))
