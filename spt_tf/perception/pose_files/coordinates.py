"""A pose file's coordinates turned into pixels of the picture."""

from __future__ import annotations

import numpy as np

from spt_tf.perception.pose_files.found_people import FoundPerson, FoundPicture, PoseSource, Unit

# Up to here a coordinate may be a share of the picture (a little beyond its edge) as well as a pixel of its
# corner.
_BOTH_FIT = 2.0
# A share this large is none.
_NO_SHARE = 10.0
# How far the shape of the picture may differ from what the file says: tools round sides to multiples of 64.
_SHAPE_TOLERANCE = 0.1


def in_pixels(
    picture: FoundPicture, size: tuple[int, int], said: Unit | None, source: PoseSource
) -> tuple[FoundPerson, ...]:
    """The people of a picture with their points in its pixels, (0, 0) being the middle of the first one.

    Args:
        size: (height, width) of the picture itself. Where the file says another size of the same shape, the
            points are scaled to it.
        said: what the user says the coordinates are, which counts more than the format; None: not said.

    Raises PoseFileError where nothing tells [0, 1] from pixels, where what was said does not fit, or where
    the file was made of a picture of another shape.
    """
    unit = _unit(picture, said, source)
    factor, shift = _to_pixels(picture, unit, size, source)
    return tuple(FoundPerson(person.points * factor + shift, person.scores) for person in picture.people)


def _unit(picture: FoundPicture, said: Unit | None, source: PoseSource) -> Unit:
    found = [person.points[person.scores > 0] for person in picture.people]
    largest = max((np.abs(points).max() for points in found if points.size), default=0.0)
    unit = said or picture.unit or Unit.PIXELS
    if said is None and unit is Unit.PIXELS and 0 < largest <= _BOTH_FIT:
        # Even where the format is known for pixels: somebody may have divided them, and nobody is so small.
        raise source.error(
            f"{picture.name}: no coordinate is above {_BOTH_FIT:g}, which fits pixels and shares of the "
            "picture: say which, --keypoint_scale=unit ([0, 1]), signed ([-1, 1]) or pixels"
        )
    if unit is not Unit.PIXELS and largest > _NO_SHARE:
        raise source.error(
            f"{picture.name}: coordinates up to {largest:g} are no shares of the picture (keypoint scale "
            f"{unit.value})"
        )
    return unit


def _to_pixels(
    picture: FoundPicture, unit: Unit, size: tuple[int, int], source: PoseSource
) -> tuple[np.ndarray, np.ndarray]:
    """(factor, shift), each of (y, x)."""
    sides, none = np.array(size, np.float64), np.zeros(2)
    reach = sides - 1 if picture.over_last_pixel else sides
    if unit is Unit.SHARES:
        return reach, none
    if unit is Unit.SIGNED:
        return reach / 2, reach / 2
    if picture.size is None or picture.size == size:
        return np.ones(2), none
    factor = sides / picture.size
    if abs(np.log(factor[0] / factor[1])) > _SHAPE_TOLERANCE:
        raise source.error(
            f"{picture.name}: made of a picture of {_shape(picture.size)}, and the picture here has "
            f"{_shape(size)} (height x width): another shape, so it is no mere enlargement"
        )
    return factor, (factor - 1) / 2  # between the middles of pixels


def _shape(size: tuple[int, int]) -> str:
    return f"{size[0]}x{size[1]}"
