"""People as a caller gives them, arrays, tensors or file paths, to the batches that models take."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from typing import Union

import numpy as np
import tensorflow as tf

from spt_tf.anatomy import NUM_JOINTS
from spt_tf.data.images import read_image
from spt_tf.data.parsing_maps import read_parsing_map

# A path stands for one person's image or label map.
PATH = (str, os.PathLike)
Given = Union[np.ndarray, tf.Tensor, str, os.PathLike]


def as_batch(canvas: tuple[int, int], given: Mapping[str, Given]) -> tuple[dict[str, tf.Tensor], bool]:
    """Checks what is given of one person or of a batch of people.

    Args:
        canvas: (height, width) of every image and label map.
        given: by names that end in image (uint8 `[B,H,W,3]` RGB, or a JPEG or PNG file), parsing (whole
            numbers 0..9 `[B,H,W]`, or an indexed PNG or NPY file) or keypoints (`[B,18,2]`, (y, x) in pixels,
            -1 where missing). All are of one person, without the axis B, or all of as many people.

    Returns:
        the same names with uint8 images and label maps and float32 keypoints, with the axis B; and whether
        they are of one person.

    Raises:
        ValueError: naming what does not fit, and what is expected; UnreadableFile among them.
    """
    height, width = canvas
    people = {
        "image": ((height, width, 3), _image),
        "parsing": ((height, width), _labels),
        "keypoints": ((NUM_JOINTS, 2), _keypoints),
    }
    batch: dict[str, tf.Tensor] = {}
    counts: dict[str, int | None] = {}
    for name, value in given.items():
        shape, convert = people[name.rpartition("_")[2]]
        tensor = _convert(name, value, convert)
        found, wanted = tuple(tensor.shape), ",".join(map(str, shape))
        if found == shape:
            batch[name], counts[name] = tensor[tf.newaxis], None
        elif len(found) == len(shape) + 1 and found[1:] == shape:
            batch[name], counts[name] = tensor, found[0]
        else:
            file = f"{os.fspath(value)}: " if isinstance(value, PATH) else ""
            raise ValueError(f"{file}{name}: expected [{wanted}] or [B,{wanted}], got {list(found)}")
    if len(set(counts.values())) > 1:
        counted = ", ".join(f"{name} of {count or 'one person'}" for name, count in counts.items())
        raise ValueError(f"expected as many people everywhere, got {counted}")
    return batch, None in counts.values()


def _convert(name: str, value: Given, convert: Callable[[Given], tf.Tensor]) -> tf.Tensor:
    try:
        return convert(value)
    except TypeError as problem:
        raise ValueError(f"{name}: {problem}") from None


def _image(value: Given) -> tf.Tensor:
    if isinstance(value, PATH):
        value = read_image(value)
    tensor = tf.convert_to_tensor(value)
    if tensor.dtype != tf.uint8:
        raise TypeError(f"expected uint8, got {tensor.dtype.name}")
    return tensor


def _labels(value: Given) -> tf.Tensor:
    tensor = tf.convert_to_tensor(read_parsing_map(value) if isinstance(value, PATH) else value)
    if not tensor.dtype.is_integer:
        raise TypeError(f"expected labels, whole numbers, got {tensor.dtype.name}")
    return tf.cast(tensor, tf.uint8)


def _keypoints(value: Given) -> tf.Tensor:
    if isinstance(value, PATH):
        raise TypeError("expected [18,2] numbers; data.annotations.read_annotations reads a file of them")
    return tf.cast(tf.convert_to_tensor(value), tf.float32)
