"""One image of a doll, with the parsing map and the keypoints that belong to it."""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np

from spt_tf.anatomy import JOINT, MISSING, NUM_JOINTS
from spt_tf.paper_dolls.backgrounds import Scene
from spt_tf.paper_dolls.body import Body
from spt_tf.paper_dolls.doll_pose import DollPose
from spt_tf.paper_dolls.figure import paint_figure
from spt_tf.paper_dolls.parts import SHOWN_BY
from spt_tf.paper_dolls.sheet import Sheet
from spt_tf.paper_dolls.wardrobe import Outfit

# Where a joint sits on the head, degrees from the nose to the person's left; it is seen within _FACE_LIMIT.
_FACE_ANGLES = {"nose": 0.0, "right_eye": -24.0, "left_eye": 24.0, "right_ear": -90.0, "left_ear": 90.0}
_FACE_LIMIT = {"nose": 97.0, "right_eye": 90.0, "left_eye": 90.0, "right_ear": 106.0, "left_ear": 106.0}


class DollImage(NamedTuple):
    """What was drawn.

    image: uint8 RGB `[H,W,3]`. parsing: uint8 `[H,W]` labels.
    keypoints: float32 `[18,2]`, (y, x) in whole pixels, -1 missing.
    """

    image: np.ndarray
    parsing: np.ndarray
    keypoints: np.ndarray


def render(body: Body, outfit: Outfit, pose: DollPose, scene: Scene) -> DollImage:
    """Draws a doll in a scene, at the size of the scene's picture."""
    sheet = Sheet(scene.picture)
    paint_figure(sheet, body, outfit, pose, scene)
    return DollImage(sheet.image(), sheet.parsing(), _seen_keypoints(sheet, pose))


def _seen_keypoints(sheet: Sheet, pose: DollPose) -> np.ndarray:
    height, width = sheet.canvas
    keypoints = np.full((NUM_JOINTS, 2), MISSING, np.float32)
    for joint, (y, x) in enumerate(pose.points[:NUM_JOINTS].tolist()):
        row, column = round(y), round(x)
        if not (pose.annotated[joint] and 0 <= row < height and 0 <= column < width):
            continue
        pieces = SHOWN_BY.get(joint)
        if pieces is None or pose.observed or sheet.piece_at(y, x) in pieces:
            keypoints[joint] = row, column
    if pose.observed:
        return keypoints
    for name, angle in _FACE_ANGLES.items():
        turn = (angle + math.degrees(pose.head_yaw) + 180) % 360 - 180
        if abs(turn) > _FACE_LIMIT[name]:
            keypoints[JOINT[name]] = MISSING
    return keypoints
