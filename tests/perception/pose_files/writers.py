"""Poses written as other tools write them, joint by joint under the tools' own names of joints."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from spt_tf.anatomy import JOINT

SIDES = "eye ear shoulder elbow wrist hip knee ankle"
# As the tools' documentation lists them; what is not ours is named anything.
COCO_17 = ["nose", *(f"{side}_{part}" for part in SIDES.split() for side in ("left", "right"))]
HALPE_26 = [*COCO_17, "head", "neck", "hip", *(f"foot_{number}" for number in range(6))]
HALPE_136 = [*HALPE_26, *(f"face_or_hand_{number}" for number in range(110))]
WHOLEBODY_133 = [*COCO_17, *(f"foot_face_or_hand_{number}" for number in range(116))]
_ARMS = [f"{side}_{part}" for side in ("right", "left") for part in ("shoulder", "elbow", "wrist")]
_LEGS = [[f"{side}_{part}" for part in ("hip", "knee", "ankle")] for side in ("right", "left")]
_HEAD = ["right_eye", "left_eye", "right_ear", "left_ear"]
OPENPOSE_COCO_18 = ["nose", "neck", *_ARMS, *_LEGS[0], *_LEGS[1], *_HEAD]
BODY_25 = ["nose", "neck", *_ARMS, "mid_hip", *_LEGS[0], *_LEGS[1], *_HEAD, *(f"foot_{n}" for n in range(6))]
MPI_15 = ["head", "neck", *_ARMS, *_LEGS[0], *_LEGS[1], "chest"]
_FACE = "eye_inner eye eye_outer"
_OUTER = "shoulder elbow wrist pinky index thumb hip knee ankle heel foot_index"
MEDIAPIPE_33 = [
    "nose",
    *(f"{side}_{part}" for side in ("left", "right") for part in _FACE.split()),
    *("left_ear", "right_ear", "mouth_left", "mouth_right"),
    *(f"{side}_{part}" for part in _OUTER.split() for side in ("left", "right")),
]

# A person on a canvas of 64x48: every joint somewhere else, the neck in the middle of the shoulders.
SIZE = (64, 48)


def a_pose(shift: float = 0.0) -> np.ndarray:
    """`[18, 2]`, (y, x): a pose whose eighteen places all differ, the right side left in the picture."""
    head, eyes_and_ears = [(8, 24), (14, 24)], [(6, 22), (6, 26), (7, 20), (7, 29)]
    arms = [(14, 18), (22, 15), (29, 13), (14, 30), (21, 33), (27, 36)]
    legs = [(30, 20), (43, 19), (56, 17), (30, 28), (42, 29), (55, 31)]
    pose = np.array([*head, *arms, *legs, *eyes_and_ears], np.float64)
    return pose + shift


def flat(
    pose: np.ndarray, names: Sequence[str], score: float = 0.9, others: tuple[float, float] = (1, 2)
) -> list[float]:
    """x0, y0, score0, ... in a tool's order; a joint that is missing (-1) is 0, 0, 0.

    others: (x, y) of the joints that are not ours.
    """
    numbers: list[float] = []
    for name in names:
        if name not in JOINT:
            numbers += [*others, score]
        elif (pose[JOINT[name]] == -1).all():
            numbers += [0, 0, 0]
        else:
            y, x = pose[JOINT[name]]
            numbers += [float(x), float(y), score]
    return numbers


def openpose(
    pose: np.ndarray, names: Sequence[str] = BODY_25, key: str = "pose_keypoints_2d"
) -> dict[str, Any]:
    """OpenPose's document of one person."""
    return {"version": 1.3, "people": [{"person_id": [-1], key: flat(pose, names)}]}


def alphapose(poses: Mapping[str, np.ndarray], names: Sequence[str] = COCO_17) -> list[dict[str, Any]]:
    """alphapose-results.json."""
    return [
        {
            "image_id": name,
            "category_id": 1,
            "keypoints": flat(pose, names),
            "score": 2.5,
            "box": [1, 2, 3, 4],
        }
        for name, pose in poses.items()
    ]


def alphapose_open(pose: np.ndarray, names: Sequence[str], form: str = "open") -> dict[str, Any]:
    """One picture of --format open or cmu, made as write_json makes it, its mistake included."""
    keypoints = flat(pose, names, others=(30, 2))
    keypoints += [(keypoints[15 + axis] + keypoints[18 + axis]) / 2 for axis in range(3)]
    starts = [0, 51, 18, 24, 30, 15, 21, 27, 36, 42, 48, 33, 39, 45, 6, 3, 12, 9]
    numbers = [keypoints[start + axis] for start in starts for axis in range(3)]
    people, key = ("people", "pose_keypoints_2d") if form == "open" else ("bodies", "joints")
    return {"version": "AlphaPose v0.3", people: [{key: numbers}]}


def coco_annotations(poses: Mapping[str, np.ndarray], size: tuple[int, int] = SIZE) -> dict[str, Any]:
    """An annotation file; visible and hidden joints alternate."""
    images, annotations = [], []
    for number, (name, pose) in enumerate(poses.items()):
        images.append({"id": 100 + number, "file_name": name, "height": size[0], "width": size[1]})
        keypoints = flat(pose, COCO_17, score=2)
        keypoints[2::6] = [min(1, v) for v in keypoints[2::6]]
        there = sum(v > 0 for v in keypoints[2::3])
        annotations.append(
            {"image_id": 100 + number, "keypoints": keypoints, "num_keypoints": there, "iscrowd": 0}
        )
    return {"images": images, "annotations": annotations, "categories": []}


def mmpose(pose: np.ndarray, names: Sequence[str] = COCO_17) -> list[dict[str, Any]]:
    """MMPose's predictions of one picture."""
    numbers = np.reshape(flat(pose, names), (-1, 3))
    return [
        {"keypoints": numbers[:, :2].tolist(), "keypoint_scores": numbers[:, 2].tolist(), "bbox_score": 0.9}
    ]


def mediapipe(pose: np.ndarray, size: tuple[int, int] = SIZE) -> list[dict[str, float]]:
    """33 landmarks, as MessageToDict gives them: zeros left out."""
    numbers = np.reshape(flat(pose, MEDIAPIPE_33), (-1, 3))
    landmarks = [
        {"x": x / size[1], "y": y / size[0], "z": 0.1, "visibility": score}
        for x, y, score in numbers.tolist()
    ]
    return [{key: value for key, value in landmark.items() if value} for landmark in landmarks]


def write(path: Path, document: Any) -> Path:
    """Writes a document as JSON; makes the folder."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(document))
    return path
