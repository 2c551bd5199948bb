"""Hair longer or shorter: a label map's hair below the head's middle, painted or taken away."""

from __future__ import annotations

import numpy as np

from spt_tf.anatomy import JOINT, LABEL
from spt_tf.applications.parsing_edits import zones
from spt_tf.data.facing import facing

# How far hair hangs below the head's middle, torso lengths.
HAIR = {"short": 0.0, "bob": 0.28, "long": 0.6}
_HALF_WIDTH, _HALF_HEIGHT = 0.19, 0.22  # of the head with its hair, torso lengths
_NECK_TO_HEAD = 0.37  # neck joint to the head's middle
_PROFILE = 0.1  # the nose lies further aside than this, torso lengths
_NAPE = 0.1  # below the head's middle, down to where short hair grows at the back


def with_hair(parsing: np.ndarray, keypoints: np.ndarray, length: str) -> np.ndarray:
    """A copy of a label map with other hair below the head's middle; what grows above stays.

    Seen from behind it hangs over neck and top; from the front and the side behind them.

    Args:
        parsing: `[H,W]`, labels 0..9. keypoints: `[18,2]`.
        length: a key of HAIR.

    Raises CannotPlace where neither a head nor the neck is seen.
    """
    torso = zones.torso_length(parsing, keypoints)
    y, x = _head_centre(parsing, keypoints, torso)
    rows, columns = np.mgrid[: parsing.shape[0], : parsing.shape[1]]
    from_behind = facing(keypoints[np.newaxis])[0] < 0
    hair = parsing == LABEL["hair"]
    edited = parsing.copy()
    hanging = hair & (rows > y + (_NAPE if from_behind else 0) * torso)
    edited[hanging] = _behind_hair(parsing, keypoints, from_behind, torso)[hanging]
    if not HAIR[length]:
        return edited
    end = y + HAIR[length] * torso
    # The hanging part narrows at its end.
    narrowing = np.clip((end - rows) / (0.12 * torso), 0.75, 1.0)
    column = (np.abs(columns - x) <= _HALF_WIDTH * torso * narrowing) & (rows > y) & (rows <= end)
    over = edited == LABEL["background"]
    if from_behind:
        over |= np.isin(edited, (LABEL["face"], LABEL["upper_clothes"]))
    else:
        over |= (edited == LABEL["face"]) & _beside_face(columns - x, keypoints, x, torso)
    edited[column & over] = LABEL["hair"]
    return edited


def _beside_face(aside: np.ndarray, keypoints: np.ndarray, x: float, torso: float) -> np.ndarray:
    """Where hair frames a face: both temples, or, in profile, all behind the ear. bool `[H,W]`."""
    nose = zones.joint(keypoints, "nose")
    looks = 0.0 if nose is None else (nose[1] - x) / torso
    if abs(looks) > _PROFILE:
        return aside * np.sign(looks) < -0.02 * torso
    return np.abs(aside) > 0.13 * torso


def _head_centre(parsing: np.ndarray, keypoints: np.ndarray, torso: float) -> tuple[float, float]:
    """(y, x): across by the pixels of the head, down by the neck, each by the other where it is not seen."""
    rows, columns = np.nonzero(np.isin(parsing, (LABEL["face"], LABEL["hair"])))
    neck = zones.joint(keypoints, "neck")
    if not len(rows):
        if neck is None:
            raise zones.CannotPlace("hair: neither a head nor the neck is seen")
        return float(neck[0] - _NECK_TO_HEAD * torso), float(neck[1])
    top = float(rows.min())
    head = rows < top + 2 * _HALF_HEIGHT * torso
    ears = [p for p in (zones.joint(keypoints, f"{side}_ear") for side in zones.SIDES) if p is not None]
    across = float(np.mean([p[1] for p in ears])) if len(ears) == 2 else float(columns[head].mean())
    return top + 1.1 * _HALF_HEIGHT * torso, across


def _behind_hair(parsing: np.ndarray, keypoints: np.ndarray, from_behind: bool, torso: float) -> np.ndarray:
    """What shows where hanging hair is taken away: uint8 `[H,W]`."""
    behind = np.full(parsing.shape, LABEL["background"], np.uint8)
    neck = zones.joint(keypoints, "neck")
    if neck is None:
        return behind
    rows, columns = np.mgrid[: parsing.shape[0], : parsing.shape[1]]
    nape = (np.abs(columns - neck[1]) <= 0.1 * torso) & (rows < neck[0])
    behind[nape] = LABEL["face"]
    if not from_behind:
        return behind
    shoulders = keypoints[[JOINT["right_shoulder"], JOINT["left_shoulder"]]]
    seen = shoulders[(shoulders >= 0).all(axis=1)]
    half = np.abs(seen[:, 1] - neck[1]).max() if len(seen) else zones.TRUNK_HALF_WIDTH * torso
    on_trunk = (rows >= neck[0] - 0.06 * torso) & (np.abs(columns - neck[1]) <= half)
    behind[on_trunk] = LABEL["upper_clothes"]
    return behind
