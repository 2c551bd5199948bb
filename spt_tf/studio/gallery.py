"""People and poses of a data directory, for the page to offer."""

from __future__ import annotations

import io
import os

import numpy as np
from PIL import Image

from spt_tf.applications.person_picture import PersonPicture
from spt_tf.data.datasets import load_people
from spt_tf.data.people_index import PeopleIndex

MOST_PEOPLE = 48
MOST_POSES = 18


class Gallery:
    """A few people, spread over an index, and poses of theirs that differ most. Without an index: nobody.

    people: their file names, by which the page shows them; it asks for them by number.
    first: the number of the one with the most joints in sight, the first of several.
    poses: float32 `[P,18,2]`.
    """

    def __init__(self, index: PeopleIndex | None):
        self._index = index
        count = 0 if index is None else len(index)
        shown = min(count, MOST_PEOPLE)
        self._places = [place * count // shown for place in range(shown)] if shown else []
        self.people = [] if index is None else [index.names[place] for place in self._places]
        self.first = 0
        if index is not None:
            self.first = int((index.keypoints[self._places] >= 0).all(axis=-1).sum(axis=1).argmax())
        self.poses = np.zeros((0, 18, 2), np.float32) if index is None else _different_poses(index)

    def person(self, number: int) -> PersonPicture:
        """The person of that number. Raises IndexError."""
        if self._index is None or not 0 <= number < len(self._places):
            raise IndexError(number)
        place = self._places[number]
        return PersonPicture(
            self._index.image(place), self._index.parsing(place), self._index.keypoints[place]
        )

    def picture(self, number: int) -> bytes:
        """Their picture as PNG. Raises IndexError."""
        png = io.BytesIO()
        Image.fromarray(self.person(number).image).save(png, "PNG")
        return png.getvalue()


def open_gallery(data_dir: str | os.PathLike | None, canvas: tuple[int, int]) -> Gallery:
    """The test people of a data directory; nobody where there is none.

    Raises DatasetError, AnnotationError.
    """
    return Gallery(None if data_dir is None else load_people(data_dir, "test", canvas))


def _different_poses(index: PeopleIndex) -> np.ndarray:
    """Poses, each as far as can be from those before it: the most complete one first."""
    keypoints = index.keypoints[:2000]
    present = (keypoints >= 0).all(axis=-1, keepdims=True)
    complete = np.flatnonzero(present.sum(axis=(1, 2)) >= np.median(present.sum(axis=(1, 2))))
    points, seen = keypoints[complete], present[complete]
    chosen = [int(seen.sum(axis=(1, 2)).argmax())]
    nearest = np.full(len(points), np.inf)
    while len(chosen) < min(MOST_POSES, len(points)):
        both = seen & seen[chosen[-1]]
        moved = np.where(both, points - points[chosen[-1]], 0.0)
        distance = (moved**2).sum(axis=(1, 2)) / np.maximum(both.sum(axis=(1, 2)), 1)
        nearest = np.minimum(nearest, distance)
        chosen.append(int(nearest.argmax()))
    return points[chosen]
