"""Whether a folder's left and right arms are the person's own: one look at the keypoints tells."""

from __future__ import annotations

import numpy as np

from spt_tf.anatomy import LABEL
from spt_tf.perception.parsing_files.bones import known_parts, nearest_part

_FEWEST = 3  # maps that can be judged: fewer tell nothing
_SIDES = ("left_arm", "right_arm")


class ArmSides:
    """Counts maps whose arms lie nearer the bones of the other side.

    An early list of LIP's labels had the arms the other way round (Engineering-Course/LIP_SSL, issue 13), and
    mirrored pictures whose labels were not swapped look the same.
    """

    def __init__(self) -> None:
        self.judged = 0
        self.wrong = 0

    def look_at(self, ours: np.ndarray, keypoints: np.ndarray) -> None:
        """Counts one map of our labels `[H, W]` with the keypoints `[18, 2]`, (y, x) in its pixels."""
        pixels, labelled = [], []
        for side, name in enumerate(_SIDES):
            found = np.argwhere(ours == LABEL[name])
            pixels.append(found)
            labelled.append(np.full(len(found), side))
        positions = np.concatenate(pixels)
        if not len(positions) or len(known_parts(keypoints, _SIDES)) < 2:
            return
        nearest = nearest_part(keypoints, _SIDES, positions)
        self.judged += 1
        self.wrong += int(2 * (nearest != np.concatenate(labelled)).sum() > len(positions))

    def warning(self) -> str | None:
        """A sentence where most of three or more maps have their arms on the wrong side."""
        if self.judged < _FEWEST or 2 * self.wrong <= self.judged:
            return None
        return (
            f"in {self.wrong:,} of {self.judged:,} maps the left arm lies where the keypoints have the right "
            "one, and the other way round: sides must be the person's own"
        )
