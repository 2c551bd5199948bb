"""The pieces a doll is drawn from, their parsing labels, and which of them show which joint."""

from __future__ import annotations

import numpy as np

from spt_tf.anatomy import JOINT, LABEL

_SIDED = (
    ("upper_arm", "arm"),
    ("forearm", "arm"),
    ("hand", "arm"),
    ("sleeve", "upper_clothes"),
    ("cuff", "upper_clothes"),
    ("thigh", "leg"),
    ("calf", "leg"),
    ("shoe", "leg"),
    ("trouser_thigh", "pants"),
    ("trouser_calf", "pants"),
    ("ear", "face"),
)
_SINGLE = (
    ("top", "upper_clothes"),
    ("pelvis", "pants"),
    ("skirt", "skirt"),
    ("neck", "face"),
    ("face", "face"),
    ("hair", "hair"),
)
SIDES = ("right", "left")

_LABEL_OF_PIECE = [("background", "background")]
_LABEL_OF_PIECE += [
    (f"{side}_{piece}", f"{side}_{label}" if label in ("arm", "leg") else label)
    for side in SIDES
    for piece, label in _SIDED
]
_LABEL_OF_PIECE += list(_SINGLE)

PIECE: dict[str, int] = {name: index for index, (name, _) in enumerate(_LABEL_OF_PIECE)}
# uint8 [256]: piece number -> parsing label.
PIECE_LABELS = np.zeros(256, np.uint8)
PIECE_LABELS[: len(PIECE)] = [LABEL[label] for _, label in _LABEL_OF_PIECE]

_PIECES_OVER_JOINT = {
    "elbow": ("upper_arm", "forearm", "sleeve", "cuff"),
    "wrist": ("forearm", "hand", "cuff"),
    "knee": ("thigh", "calf", "trouser_thigh", "trouser_calf"),
    "ankle": ("calf", "shoe", "trouser_calf"),
}
# Joint -> pieces that show it. Joints not named here (neck, shoulders, hips) are read off the body's outline
# by people and detectors alike, even under an arm, and count as visible wherever they are in the frame.
SHOWN_BY: dict[int, frozenset[int]] = {
    JOINT[f"{side}_{joint}"]: frozenset(PIECE[f"{side}_{piece}"] for piece in pieces)
    | (frozenset((PIECE["skirt"],)) if joint == "knee" else frozenset())
    for side in SIDES
    for joint, pieces in _PIECES_OVER_JOINT.items()
}
SHOWN_BY[JOINT["nose"]] = frozenset((PIECE["face"],))
for _side in SIDES:
    SHOWN_BY[JOINT[f"{_side}_eye"]] = frozenset((PIECE["face"],))
    SHOWN_BY[JOINT[f"{_side}_ear"]] = frozenset((PIECE["face"], PIECE[f"{_side}_ear"]))
