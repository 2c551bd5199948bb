"""What a format of pose files is to the rest: a name, a threshold, how it is known, how it is read."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

from spt_tf.perception.pose_files.found_people import FoundPicture, PoseSource


class PoseFormat(NamedTuple):
    """One tool's JSON.

    name: as --format names it.
    min_score: from which score a joint counts as found, unless --min_score says otherwise.
    matches: whether a document looks like one of this format.
    read: a document to its pictures. Raises PoseFileError.
    """

    name: str
    min_score: float
    matches: Callable[[Any], bool]
    read: Callable[[Any, PoseSource], list[FoundPicture]]
