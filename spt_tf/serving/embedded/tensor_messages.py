"""Arrays to tensor messages in TF Serving's two forms, and either form back to arrays.

By default TF Serving writes an output value by value into the field of its type (`Tensor::AsProtoField`);
with --enable_serialization_as_tensor_content it writes the bytes (`Tensor::AsProtoTensorContent`).
"""

from __future__ import annotations

import itertools

import numpy as np
import tensorflow as tf
from tensorflow.core.framework import tensor_pb2

# dtype -> (field, type that its numbers are written as), as in tensorflow/core/framework/tensor.cc.
_FIELDS = {
    tf.float32: ("float_val", None),
    tf.float64: ("double_val", None),
    tf.int32: ("int_val", None),
    tf.int16: ("int_val", None),
    tf.int8: ("int_val", None),
    tf.uint16: ("int_val", None),
    tf.uint8: ("int_val", None),
    tf.int64: ("int64_val", None),
    tf.uint32: ("uint32_val", None),
    tf.uint64: ("uint64_val", None),
    tf.bool: ("bool_val", None),
    tf.string: ("string_val", None),
    tf.float16: ("half_val", np.uint16),
    tf.bfloat16: ("half_val", np.uint16),
    tf.complex64: ("scomplex_val", np.float32),
    tf.complex128: ("dcomplex_val", np.float64),
}

_LONGEST = (1 << 32) - 1  # bytes of a string, as TensorFlow reads lengths


def to_typed_fields(array: np.ndarray) -> tensor_pb2.TensorProto:
    """`array` value by value; strings are an object array of bytes. Raises TypeError for other dtypes."""
    message = _without_values(array)
    dtype = tf.as_dtype(message.dtype)
    if dtype not in _FIELDS:
        raise TypeError(f"a tensor message has no field for {dtype.name}")
    field, written_as = _FIELDS[dtype]
    values = np.ravel(array)
    # One bulk call: protobuf takes a list of Python numbers an order of magnitude faster than an array.
    getattr(message, field).extend((values if written_as is None else values.view(written_as)).tolist())
    return message


def to_tensor_content(array: np.ndarray) -> tensor_pb2.TensorProto:
    """`array` as bytes; strings as all their lengths, then all their bytes."""
    message = _without_values(array)
    if message.dtype == tf.string.as_datatype_enum:
        strings = np.ravel(array).tolist()
        message.tensor_content = b"".join([*(_varint(len(string)) for string in strings), *strings])
    else:
        message.tensor_content = array.tobytes()
    return message


def to_array(message: tensor_pb2.TensorProto) -> np.ndarray:
    """The values of either form; where there are fewer than the shape takes, the last fills it up.

    Raises ValueError, TypeError or OverflowError where they do not fit: also where there are more of them, or
    numbers beyond the type's range, both of which TensorFlow takes without a word.
    """
    dtype = tf.as_dtype(message.dtype)
    shape = [dim.size for dim in message.tensor_shape.dim]
    count = int(np.prod(shape, dtype=np.int64))
    if dtype == tf.string:
        strings = _split(message.tensor_content, count) if message.tensor_content else message.string_val
        return _filled(np.array([*strings, b""], object)[:-1], count).reshape(shape)
    if _FIELDS.get(dtype, ("",))[0] == "int_val" and not message.tensor_content:
        numbers = np.fromiter(message.int_val, np.int64, len(message.int_val))
        if numbers.size and not (dtype.min <= numbers.min() and numbers.max() <= dtype.max):
            raise ValueError(f"{dtype.name} holds {dtype.min}..{dtype.max}")
        return _filled(numbers.astype(dtype.as_numpy_dtype), count).reshape(shape)
    return tf.make_ndarray(message)


def _filled(values: np.ndarray, count: int) -> np.ndarray:
    """`values` and then the last of them, or the type's zero, up to `count`."""
    if len(values) > count:
        raise ValueError(f"{len(values)} values for a shape of {count}")
    last = values[-1:] if len(values) else np.array([b""] if values.dtype == object else [0], values.dtype)
    return np.concatenate([values, np.repeat(last, count - len(values))])


def _without_values(array: np.ndarray) -> tensor_pb2.TensorProto:
    message = tensor_pb2.TensorProto(dtype=tf.as_dtype(array.dtype).as_datatype_enum)
    for size in array.shape:
        message.tensor_shape.dim.add(size=size)
    return message


def _varint(number: int) -> bytes:
    """Base 128, low digits first, the high bit set on all but the last."""
    digits = bytearray()
    while number > 127:
        digits.append(number & 127 | 128)
        number >>= 7
    digits.append(number)
    return bytes(digits)


def _read_varint(content: bytes, place: int) -> tuple[int, int]:
    """The number at `place`, and the place after it."""
    number = shift = 0
    while place < len(content):
        digit = content[place]
        number |= (digit & 127) << shift
        place, shift = place + 1, shift + 7
        if number > _LONGEST or shift > 35:
            raise ValueError("the content has a string longer than 32 bits can say")
        if digit < 128:
            return number, place
    raise ValueError("the content ends before the lengths of its strings do")


def _split(content: bytes, count: int) -> list[bytes]:
    lengths, place = [], 0
    for _ in range(count):
        length, place = _read_varint(content, place)
        lengths.append(length)
    ends = list(itertools.accumulate(lengths, initial=place))
    if ends[-1] != len(content):
        raise ValueError(f"the content has {len(content) - place} bytes for strings of {sum(lengths)}")
    return [content[start:end] for start, end in zip(ends[:-1], ends[1:])]
