"""JSON of unknown origin, read and checked: whatever it holds, a PoseFileError says what was expected."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from typing import Any, NoReturn

import numpy as np

from spt_tf.data.file_reading import read_bytes, reading
from spt_tf.perception.pose_files.found_people import FoundPerson, PoseSource
from spt_tf.perception.pose_files.joint_orders import JointOrder, in_our_order

_MOST_BYTES = 2**30  # COCO's own training annotations are 240 MB
_FAR = 1e6  # pixels: nothing lies there


def read_document(path: str | os.PathLike) -> Any:
    """The JSON value in a file. Raises UnreadableFile where it is none, nests too deep, or holds a NaN."""
    content = read_bytes(path, most=_MOST_BYTES)
    with reading(path, "JSON file"):
        return json.loads(content.decode("utf-8-sig"), parse_constant=_no_constant)


def is_list_of_objects(value: Any, *keys: str) -> bool:
    """Whether it is a list whose first entry is an object with all these keys."""
    return isinstance(value, list) and bool(value) and has_keys(value[0], *keys)


def has_keys(value: Any, *keys: str) -> bool:
    """Whether it is an object with all these keys."""
    return isinstance(value, dict) and all(key in value for key in keys)


def objects_of(value: Any, what: str, source: PoseSource) -> list[dict[str, Any]]:
    """A list of objects, or PoseFileError."""
    if not isinstance(value, list) or not all(isinstance(entry, dict) for entry in value):
        raise source.error(f"{what}: expected a list of objects, found {shown(value)}")
    return value


def number_of(value: Any, what: str, source: PoseSource) -> float:
    """A finite number under a million, or PoseFileError."""
    if type(value) not in (int, float) or not abs(value) < _FAR:  # neither does nan
        raise source.error(f"{what}: expected a number, found {shown(value)}")
    return float(value)


def name_of(value: Any, what: str, source: PoseSource) -> str:
    """A string that is not empty, or PoseFileError."""
    if not isinstance(value, str) or not value.strip():
        raise source.error(f"{what}: expected a picture's file name, found {shown(value)}")
    return value


def size_of(record: Mapping[str, Any], height: str, width: str, source: PoseSource) -> tuple[int, int] | None:
    """(height, width) where the record has both under these keys, or None; PoseFileError if they are odd."""
    if record.get(height) is None or record.get(width) is None:
        return None
    rows, columns = (number_of(record[key], key, source) for key in (height, width))
    if rows < 1 or columns < 1 or rows != int(rows) or columns != int(columns):
        raise source.error(f"expected a picture's size, found {height} {rows:g} and {width} {columns:g}")
    return int(rows), int(columns)


def person_of(value: Any, orders: Mapping[int, JointOrder], what: str, source: PoseSource) -> FoundPerson:
    """A flat list x0, y0, score0, x1, ... of as many joints as one of the orders has, or PoseFileError."""
    if not isinstance(value, list):
        raise source.error(f"{what}: expected a list of numbers, found {shown(value)}")
    if len(value) % 3 or len(value) // 3 not in orders:
        counts = ", ".join(f"3 x {count}" for count in orders)
        raise source.error(f"{what}: expected {counts} numbers, found {len(value):,}")
    flat = [number_of(number, what, source) for number in value]
    return in_our_order(np.reshape(flat, (-1, 3)), orders[len(value) // 3])


def shown(value: Any) -> str:
    """A value as an error message shows it, cut short."""
    if isinstance(value, (list, dict)):
        kind = "a list" if isinstance(value, list) else "an object"
        return f"{kind} of {len(value):,}"
    text = json.dumps(value)
    return text if len(text) <= 40 else f"{text[:40]}..."


def _no_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is no JSON number")
