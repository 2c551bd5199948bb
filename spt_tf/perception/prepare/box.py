"""The part of a photo that goes to the canvas: one box, one transform for picture, joints and label map."""

from __future__ import annotations

import math
from typing import NamedTuple

import cv2
import numpy as np

# How far a person reaches beyond their joints, in parts of the height of the joints' own box: the head's top
# lies above the eyes, toes below the ankles, hands beyond the wrists.
_ABOVE, _BELOW, _ASIDE = 0.14, 0.08, 0.08


class Box(NamedTuple):
    """A box of whole pixels of a photo, of the canvas' shape as nearly as whole pixels allow.

    It may reach beyond the photo.
    """

    top: int
    left: int
    height: int
    width: int


def whole_picture(size: tuple[int, int], canvas: tuple[int, int]) -> Box:
    """The box that holds a whole photo of `size` (height, width): letterboxed, the photo in the middle."""
    return _in_shape((0.0, 0.0, float(size[0]), float(size[1])), canvas)


def around_person(
    keypoints: np.ndarray,
    labels: np.ndarray | None,
    size: tuple[int, int],
    canvas: tuple[int, int],
    margin: float,
) -> Box:
    """The box around one person of a photo.

    Args:
        keypoints: `[18, 2]`, (y, x), -1 missing; at least one joint.
        labels: the photo's label map `[H, W]`; what hangs together with a joint is of this person, others in
            the picture are not. None: the joints alone.
        size: (height, width) of the photo.
        margin: left free around the person, in parts of their height or width, whichever is larger.

    Where the box could lie inside the photo it is moved there.
    """
    joints = keypoints[(keypoints >= 0).all(axis=1)]
    (top, left), (bottom, right) = joints.min(axis=0), joints.max(axis=0) + 1
    tall = max(bottom - top, right - left)
    edges = np.array(
        [top - _ABOVE * tall, left - _ASIDE * tall, bottom + _BELOW * tall, right + _ASIDE * tall]
    )
    edges = np.clip(edges, 0, [*size, *size])  # nobody reaches beyond the photo
    if labels is not None:
        seen = _silhouette(labels > 0, joints)
        if seen is not None:
            edges[:2], edges[2:] = np.minimum(edges[:2], seen[:2]), np.maximum(edges[2:], seen[2:])
    around = margin * max(edges[2] - edges[0], edges[3] - edges[1])
    box = _in_shape((edges[0] - around, edges[1] - around, edges[2] + around, edges[3] + around), canvas)
    top = _moved_inside(box.top, box.height, size[0])
    return box._replace(top=top, left=_moved_inside(box.left, box.width, size[1]))


def _silhouette(person: np.ndarray, joints: np.ndarray) -> np.ndarray | None:
    """(top, left, bottom, right) of the connected patches that a joint lies on; None where none does."""
    _, patches = cv2.connectedComponents(person.astype(np.uint8))
    rows, columns = np.rint(joints).astype(int).clip(0, np.array(person.shape) - 1).T
    touched = set(patches[rows, columns].tolist()) - {0}
    if not touched:
        return None
    where = np.isin(patches, list(touched))
    rows, columns = np.flatnonzero(where.any(axis=1)), np.flatnonzero(where.any(axis=0))
    return np.array([rows[0], columns[0], rows[-1] + 1, columns[-1] + 1], np.float64)


def _in_shape(edges: tuple[float, float, float, float], canvas: tuple[int, int]) -> Box:
    """The smallest box of the canvas' shape about the middle of (top, left, bottom, right)."""
    top, left, bottom, right = edges
    scale = max((bottom - top) / canvas[0], (right - left) / canvas[1])
    # The sides whose rounding suits both: exact where the box is a multiple of the canvas, or its part.
    height, width = math.ceil(scale * canvas[0] - 1e-6), math.ceil(scale * canvas[1] - 1e-6)
    return Box(
        math.floor((top + bottom - height) / 2 + 0.5),
        math.floor((left + right - width) / 2 + 0.5),
        height,
        width,
    )


def _moved_inside(start: int, length: int, limit: int) -> int:
    if length > limit:
        return (limit - length) // 2
    return min(max(start, 0), limit - length)
