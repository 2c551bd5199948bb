"""Other tools' orders of joints: for each of `anatomy.JOINTS`, its place in theirs.

None: they have no such joint. A missing neck is put between the shoulders later, as OpenPose defines it.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Union

import numpy as np

from spt_tf.anatomy import NUM_JOINTS
from spt_tf.perception.pose_files.found_people import FoundPerson

JointOrder = tuple[Union[int, None], ...]

OPENPOSE_18: JointOrder = tuple(range(NUM_JOINTS))
# Its joint 8 is the middle of the hips, 19 to 24 are feet.
BODY_25: JointOrder = (*range(8), *range(9, 19))
# OpenPose's MPI model: the head's top in the nose's place, no eyes and ears.
MPI_15: JointOrder = (None, *range(1, 14), None, None, None, None)
COCO: JointOrder = (0, None, 6, 8, 10, 5, 7, 9, 12, 14, 16, 11, 13, 15, 2, 1, 4, 3)
# COCO's, then the head's top (17) and the neck (18).
HALPE: JointOrder = (0, 18, *COCO[2:])
MEDIAPIPE: JointOrder = (0, None, 12, 14, 16, 11, 13, 15, 24, 26, 28, 23, 25, 27, 5, 2, 8, 7)

# By the number of joints.
OPENPOSE_ORDERS: Mapping[int, JointOrder] = {15: MPI_15, 18: OPENPOSE_18, 25: BODY_25}
# COCO-WholeBody's 133 begin with COCO's; Halpe has 26 joints of the body, and 136 with face and hands.
COCO_ORDERS: Mapping[int, JointOrder] = {17: COCO, 26: HALPE, 133: COCO, 136: HALPE}
# A joint's place in ours, and those of the shoulders that stand in for the neck.
NECK, SHOULDERS = 1, (2, 5)


def in_our_order(joints: np.ndarray, order: JointOrder) -> FoundPerson:
    """Joints `[K, 3]` of (x, y, score), in another order, as a FoundPerson.

    A joint at exactly (0, 0) was not found, whatever its score: tools write missing ones so.
    """
    points = np.full((NUM_JOINTS, 2), np.nan)
    scores = np.zeros(NUM_JOINTS)
    for ours, theirs in enumerate(order):
        if theirs is not None:
            x, y, score = joints[theirs]
            points[ours] = y, x
            scores[ours] = score if (x, y) != (0, 0) else 0
    return FoundPerson(points, scores)


def without_neck(person: FoundPerson) -> FoundPerson:
    """The person with the neck to be found between the shoulders."""
    points, scores = person.points.copy(), person.scores.copy()
    points[NECK], scores[NECK] = np.nan, 0
    return FoundPerson(points, scores)
