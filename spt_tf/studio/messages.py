"""What page and studio say to each other: JSON, with pixels and labels as base64 of their bytes in row order.

A person is `{"image": base64 of H*W*3 bytes RGB, "parsing": base64 of H*W labels, "keypoints": 18 [y, x]}`.
"""

from __future__ import annotations

import base64
import binascii
import math
from typing import Any

import numpy as np

from spt_tf.anatomy import JOINTS, LABELS, MISSING, NUM_JOINTS, NUM_LABELS
from spt_tf.applications.parsing_edits.edits import Edits
from spt_tf.applications.person_picture import PersonPicture


class BadMessage(ValueError):
    """What the page sent is not what is expected; names the field."""


def read_field(message: Any, name: str, kind: type | tuple[type, ...], where: str = "") -> Any:
    """`message[name]`, of that kind. Raises BadMessage."""
    if not isinstance(message, dict) or not isinstance(message.get(name), kind):
        kinds = kind if isinstance(kind, tuple) else (kind,)
        raise BadMessage(f"{where}{name}: expected {' or '.join(k.__name__ for k in kinds)}")
    return message[name]


def read_number(message: Any, name: str, lowest: int, highest: int) -> int:
    """A whole number between two bounds, both included. Raises BadMessage."""
    number = read_field(message, name, int)
    if isinstance(number, bool) or not lowest <= number <= highest:
        raise BadMessage(f"{name}: expected a whole number {lowest}..{highest}, got {number}")
    return number


def read_person(message: Any, name: str, canvas: tuple[int, int]) -> PersonPicture:
    """A person of that canvas. Raises BadMessage."""
    fields = read_field(message, name, dict)
    return PersonPicture(
        image=read_bytes(fields, "image", (*canvas, 3), f"{name}."),
        parsing=read_labels(fields, "parsing", canvas, f"{name}."),
        keypoints=read_keypoints(fields, "keypoints", canvas, f"{name}."),
    )


def read_labels(message: Any, name: str, canvas: tuple[int, int], where: str = "") -> np.ndarray:
    """A label map uint8 `[H,W]`. Raises BadMessage."""
    labels = read_bytes(message, name, canvas, where)
    if labels.max() >= NUM_LABELS:
        raise BadMessage(f"{where}{name}: expected labels 0..{NUM_LABELS - 1}, got {labels.max()}")
    return labels


def read_bytes(message: Any, name: str, shape: tuple[int, ...], where: str = "") -> np.ndarray:
    """uint8 of that shape. Raises BadMessage."""
    text = read_field(message, name, str, where)
    try:
        content = base64.b64decode(text, validate=True)
    except binascii.Error:
        raise BadMessage(f"{where}{name}: expected base64") from None
    if len(content) != math.prod(shape):
        sides = "x".join(map(str, shape))
        raise BadMessage(f"{where}{name}: expected {sides} = {math.prod(shape)} bytes, got {len(content)}")
    return np.frombuffer(content, np.uint8).reshape(shape)


def read_keypoints(message: Any, name: str, canvas: tuple[int, int], where: str = "") -> np.ndarray:
    """float32 `[18,2]`, (y, x): each joint inside the canvas, or missing. Raises BadMessage."""
    points = read_field(message, name, list, where)
    if len(points) != NUM_JOINTS:
        raise BadMessage(f"{where}{name}: expected {NUM_JOINTS} joints, got {len(points)}")
    for joint, point in zip(JOINTS, points):
        numbers = isinstance(point, list) and len(point) == 2 and all(type(v) in (int, float) for v in point)
        if not numbers or not (_is_missing(point) or all(0 <= v < side for v, side in zip(point, canvas))):
            raise BadMessage(
                f"{where}{name}: {joint} needs [y, x] inside {canvas[0]}x{canvas[1]}, "
                f"or [{MISSING}, {MISSING}]; got {str(point)[:40]}"
            )
    return np.array(points, np.float32)


def read_label_names(message: Any, name: str) -> tuple[int, ...]:
    """Label numbers from a list of their names. Raises BadMessage."""
    names = read_field(message, name, list)
    if not names or not all(isinstance(one, str) and one in LABELS[1:] for one in names):
        raise BadMessage(f"{name}: expected some of {', '.join(LABELS[1:])}")
    return tuple(LABELS.index(one) for one in names)


def read_edits(message: Any, name: str) -> Edits:
    """Operations on a label map, by their names. Raises BadMessage for others."""
    asked = read_field(message, name, dict)
    kinds: dict[str, Any] = {
        "bottom": str,
        "sleeves": str,
        "hair": str,
        "hem": (int, float),
        "top_hem": (int, float),
    }
    strangers = asked.keys() - kinds.keys()
    if strangers or not asked:
        raise BadMessage(f"{name}: expected some of {', '.join(kinds)}")
    return Edits(**{key: read_field(asked, key, kinds[key], f"{name}.") for key in asked})


def read_pictures(message: Any, name: str, canvas: tuple[int, int]) -> list[np.ndarray]:
    """A list of pictures uint8 `[H,W,3]`, at least one. Raises BadMessage."""
    texts = read_field(message, name, list)
    if not texts:
        raise BadMessage(f"{name}: expected at least one picture")
    return [read_bytes({name: text}, name, (*canvas, 3)) for text in texts]


def write_array(array: np.ndarray) -> str:
    """The base64 of a uint8 array's bytes in row order."""
    return base64.b64encode(np.ascontiguousarray(array, np.uint8).tobytes()).decode()


def write_keypoints(keypoints: np.ndarray) -> list[list[float]]:
    """`[18,2]` as the page wants it: rounded to a hundredth of a pixel."""
    return [[round(float(value), 2) for value in point] for point in keypoints]


def _is_missing(point: list[float]) -> bool:
    return point == [MISSING, MISSING]
