"""Poses of the literature's annotation files: flat joints, from which view and depth are guessed."""

from __future__ import annotations

import math
import os
from collections import Counter
from typing import NamedTuple

import numpy as np

from spt_tf.anatomy import JOINT, NUM_JOINTS, TORSO_JOINTS
from spt_tf.data.annotations import read_annotation_rows
from spt_tf.paper_dolls import body as sizes
from spt_tf.paper_dolls.doll_pose import (
    HEAD,
    LEFT_HAND,
    LEFT_TOE,
    NUM_POINTS,
    RIGHT_HAND,
    RIGHT_TOE,
    DollPose,
)

_SHOULDER_HALF = 0.1  # body heights
_NOSE_FORWARD = 0.064


class AnnotatedPoses(NamedTuple):
    """poses: (image name, pose) of every usable row in file order; left_out: reason -> number of rows."""

    poses: tuple[tuple[str, DollPose], ...]
    left_out: dict[str, int]


def read_poses(
    path: str | os.PathLike, canvas: tuple[int, int], annotated_canvas: tuple[int, int] = (128, 64)
) -> AnnotatedPoses:
    """Reads the poses of an annotation CSV, rescaled from the canvas it was annotated on.

    Rows without all torso joints, of junk and distractor images, and repeated names are left out.
    Raises AnnotationError at a malformed line, OSError when the file cannot be opened.
    """
    scale = np.array(canvas, np.float32) / np.array(annotated_canvas, np.float32)
    poses: dict[str, DollPose] = {}
    left_out: Counter[str] = Counter()
    for row in read_annotation_rows(path):
        if row.name.startswith(("-1", "0000")):
            left_out["junk or distractor"] += 1
        elif row.name in poses:
            left_out["repeated name"] += 1
        elif (row.keypoints[list(TORSO_JOINTS)] < 0).any():
            left_out["no torso joints"] += 1
        else:
            visible = (row.keypoints >= 0).all(axis=1, keepdims=True)
            poses[row.name] = pose_from_keypoints(np.where(visible, row.keypoints * scale, -1))
    return AnnotatedPoses(tuple(poses.items()), dict(left_out))


def pose_from_keypoints(keypoints: np.ndarray) -> DollPose:
    """Guesses a whole figure from visible joints.

    keypoints: float `[18,2]`, (y, x) pixels, -1 missing; the four torso joints are needed. Seen joints keep
    their place; the others are put where they can be expected and marked as missing.
    """
    visible = (keypoints >= 0).all(axis=1)
    points = np.zeros((NUM_POINTS, 2))
    points[:NUM_JOINTS] = keypoints
    right, left = points[JOINT["right_shoulder"]], points[JOINT["left_shoulder"]]
    hips = (points[JOINT["right_hip"]] + points[JOINT["left_hip"]]) / 2
    if not visible[JOINT["neck"]]:
        points[JOINT["neck"]] = (right + left) / 2
    scale = _scale(points, visible, (right + left) / 2, hips)
    yaw = _yaw(points, visible, float(left[1] - right[1]), scale)
    depth = np.zeros(NUM_POINTS, np.float32)
    for sign, side in ((-1, "right"), (1, "left")):
        _limbs(points, visible, depth, side, sign, yaw, scale)
    up = points[JOINT["neck"]] - hips
    head_yaw = _head(points, visible, up / max(float(np.hypot(*up)), 1e-6), yaw, scale)
    return DollPose(points.astype(np.float32), depth, yaw, head_yaw, scale, visible, observed=True)


def _scale(points: np.ndarray, visible: np.ndarray, neck: np.ndarray, hips: np.ndarray) -> float:
    """Pixels per body height: limbs only ever look shorter than they are, so the longest decides."""
    torso = float(np.hypot(*(neck - hips))) / sizes.TORSO
    legs = [
        float(np.hypot(*(points[hip + place + 1] - points[hip + place]))) / length
        for hip in (JOINT["right_hip"], JOINT["left_hip"])
        for place, length in enumerate((sizes.THIGH, sizes.CALF))
        if visible[hip + place] and visible[hip + place + 1]
    ]
    longest = max([torso, *legs])
    return max(min(longest, 1.2 * torso), 8.0)


def _yaw(points: np.ndarray, visible: np.ndarray, shoulders: float, scale: float) -> float:
    """From the order and distance of the shoulders; where they nearly coincide, from the visible face."""
    facing = float(np.clip(shoulders / (2 * _SHOULDER_HALF * scale), -1, 1))
    face = visible[[JOINT["nose"], JOINT["right_eye"], JOINT["left_eye"]]].any()
    if abs(facing) < 0.5:
        facing = max(facing, 0.1) if face else min(facing, -0.1)
    return math.acos(facing) * _turned_to(points, visible)


def _turned_to(points: np.ndarray, visible: np.ndarray) -> int:
    """+1 when the face is turned to the image's right edge, -1 to its left."""
    right_ear, left_ear = visible[JOINT["right_ear"]], visible[JOINT["left_ear"]]
    if right_ear != left_ear:
        return 1 if right_ear else -1
    if visible[JOINT["nose"]]:
        return 1 if points[JOINT["nose"], 1] >= points[JOINT["neck"], 1] else -1
    return 1


def _limbs(
    points: np.ndarray,
    visible: np.ndarray,
    depth: np.ndarray,
    side: str,
    sign: int,
    yaw: float,
    scale: float,
) -> None:
    nearer = -sign * math.sin(yaw)  # the shoulder's depth over its distance from the middle
    inward = -sign * math.cos(yaw) * scale
    shoulder, hip = JOINT[f"{side}_shoulder"], JOINT[f"{side}_hip"]
    for first, lengths, width in (
        (shoulder, (sizes.UPPER_ARM, sizes.FOREARM), _SHOULDER_HALF),
        (hip, (sizes.THIGH, sizes.CALF), 0.05),
    ):
        depth[first : first + 3] = nearer * width
        for joint, length in zip((first + 1, first + 2), lengths):
            if not visible[joint]:
                points[joint] = points[joint - 1] + (length * scale, inward * 0.015)
    if visible[shoulder + 1] and abs(math.cos(yaw)) > 0.5:
        # A visible arm lies over the trunk; an unseen one behind it.
        depth[shoulder : shoulder + 3] = np.maximum(depth[shoulder : shoulder + 3], 0.02)
    elif not visible[shoulder + 1]:
        depth[shoulder : shoulder + 3] = -0.1
    hand, toe = (RIGHT_HAND, RIGHT_TOE) if side == "right" else (LEFT_HAND, LEFT_TOE)
    forearm = points[shoulder + 2] - points[shoulder + 1]
    reach = sizes.HAND * scale / max(float(np.hypot(*forearm)), sizes.FOREARM * scale * 0.4)
    points[hand] = points[shoulder + 2] + forearm * reach
    forward = np.array([0.35 + 0.15 * math.cos(yaw), 0.95 * math.sin(yaw) + 0.15 * sign * math.cos(yaw)])
    points[toe] = points[hip + 2] + forward * sizes.FOOT * scale
    depth[[hand, toe]] = depth[[shoulder + 2, hip + 2]]


def _head(points: np.ndarray, visible: np.ndarray, up: np.ndarray, yaw: float, scale: float) -> float:
    """Places the head's centre; returns where it looks."""
    ears = [JOINT[name] for name in ("right_ear", "left_ear") if visible[JOINT[name]]]
    nose = points[JOINT["nose"]]
    if not visible[JOINT["nose"]]:
        points[HEAD] = (
            points[ears].mean(0) if ears else points[JOINT["neck"]] + up * sizes.NECK_TO_HEAD * scale
        )
        return yaw if math.cos(yaw) < 0 or not ears else math.copysign(math.radians(110), yaw)
    if len(ears) == 2:
        aside = (nose[1] - points[ears, 1].mean()) / (_NOSE_FORWARD * scale)
        turn = math.asin(float(np.clip(aside, -1, 1)))
    elif ears:
        turn = math.radians(60) * _turned_to(points, visible)
    else:
        turn = float(np.clip(yaw, -1.0, 1.0))
    points[HEAD] = nose - np.array([0.014, _NOSE_FORWARD * math.sin(turn)]) * scale
    return turn
