"""Whether eyes and ears are on the right sides: the one mistake of joint orders that no file shows."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from spt_tf.anatomy import JOINT

_FEWEST = 3  # people who face the camera: fewer tell nothing


def swapped_eyes_warning(keypoints: Iterable[np.ndarray]) -> str | None:
    """A sentence where most people who face the camera have the right eye or ear right in the picture.

    Some projects order eyes and ears left first
    (Daniil-Osokin/lightweight-human-pose-estimation.pytorch#134); a table taken from there swaps them.

    keypoints: `[18, 2]` each, (y, x), -1 missing.
    """
    facing = swapped = 0
    for points in keypoints:
        for part in ("eye", "ear"):
            right, left = points[JOINT[f"right_{part}"]], points[JOINT[f"left_{part}"]]
            shoulders = points[JOINT["right_shoulder"]], points[JOINT["left_shoulder"]]
            there = (np.stack([right, left, *shoulders]) >= 0).all()
            if there and shoulders[0][1] < shoulders[1][1]:
                facing += 1
                swapped += right[1] > left[1]
                break
    if facing < _FEWEST or 2 * swapped <= facing:
        return None
    return (
        f"{swapped:,} of {facing:,} people who face the camera have the right eye or ear on their left: the "
        "file probably orders eyes and ears left first"
    )
