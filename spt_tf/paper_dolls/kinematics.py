"""Poses from a kinematic model: a skeleton that stands, walks and moves its arms, then projected.

Body axes: x to the person's left, y down, z forward; camera axes: x right, y down, z towards the camera.
"""

from __future__ import annotations

import numpy as np

from spt_tf.anatomy import JOINT, NUM_JOINTS
from spt_tf.paper_dolls import body as sizes
from spt_tf.paper_dolls.body import Body
from spt_tf.paper_dolls.chance import pick_by_odds
from spt_tf.paper_dolls.doll_pose import HEAD, LEFT_HAND, NUM_POINTS, RIGHT_HAND, RIGHT_TOE, DollPose

# name: (flexion forward, abduction, elbow flexion) in degrees, and the direction (inward, up, forward)
# in which the elbow bends.
ARM_POSES = {
    "hang": ((2, 9, 14), (0.15, 0.0, 1.0)),
    "akimbo": ((-22, 42, 92), (1.0, 0.0, 0.15)),
    "phone": ((28, 12, 125), (0.25, 0.4, 1.0)),
    "carry": ((4, 8, 85), (0.2, 0.0, 1.0)),
    "wave": ((20, 75, 95), (-0.2, 1.0, 0.3)),
    "behind": ((-28, 14, 50), (1.0, 0.0, -0.5)),
    "across": ((14, 12, 92), (1.2, 0.0, 0.8)),
    "reach": ((62, 10, 25), (0.1, 0.5, 1.0)),
    "pocket": ((-14, 22, 38), (0.6, 0.0, 0.7)),
}
_ARM_ODDS = dict(zip(ARM_POSES, (0.38, 0.09, 0.08, 0.11, 0.06, 0.06, 0.08, 0.06, 0.08)))
_YAW_RANGE = {"front": (0.0, 42.0), "side": (62.0, 112.0), "back": (138.0, 180.0)}


def sample_yaw(rng: np.random.Generator, view: str, side: int) -> float:
    """Draws a yaw in radians within a view; side +1 turns to the image's right, -1 to its left."""
    low, high = _YAW_RANGE[view]
    return side * np.radians(rng.uniform(low, high))


def sample_pitch(rng: np.random.Generator) -> float:
    """Draws how steeply the camera looks down, radians."""
    return np.radians(rng.uniform(2, 12))


def sample_pose(
    rng: np.random.Generator, body: Body, yaw: float, pitch: float, canvas: tuple[int, int]
) -> DollPose:
    """Draws a standing or walking pose and frames it in the canvas, sometimes cutting off the feet."""
    skeleton = np.zeros((NUM_POINTS, 3))
    skeleton[JOINT["right_hip"]] = (-body.hip_half, 0, 0)
    skeleton[JOINT["left_hip"]] = (body.hip_half, 0, 0)
    walking = rng.random() < 0.55
    stride = rng.uniform(14, 30) * (1 if rng.random() < 0.5 else -1) if walking else rng.normal(0, 3)
    head_turn = _upper_body(skeleton, rng, body, stride)
    for sign, side in ((-1, "right"), (1, "left")):
        _arm(skeleton, rng, side, sign, -sign * stride if walking else 0.0)
        _leg(skeleton, rng, side, sign, sign * stride)
    camera = _project(skeleton, yaw, pitch)
    points, scale = _frame(camera, rng, body, canvas)
    annotated = np.ones(NUM_JOINTS, bool)
    return DollPose(points, camera[:, 2].astype(np.float32), yaw, yaw + head_turn, scale, annotated)


def _upper_body(skeleton: np.ndarray, rng: np.random.Generator, body: Body, stride: float) -> float:
    lean, tilt = np.radians(rng.normal(3 + abs(stride) / 10, 3)), np.radians(rng.normal(0, 2.5))
    up = np.array([np.sin(tilt), -np.cos(tilt) * np.cos(lean), np.sin(lean)])
    neck = up * sizes.TORSO
    twist = np.radians(np.clip(stride * 0.25 + rng.normal(0, 4), -14, 14))
    across = np.array([np.cos(twist), np.sin(tilt), -np.sin(twist)])
    skeleton[JOINT["neck"]] = neck
    skeleton[JOINT["right_shoulder"]] = neck - across * body.shoulder_half
    skeleton[JOINT["left_shoulder"]] = neck + across * body.shoulder_half
    head = neck + up * sizes.NECK_TO_HEAD + (0, 0, 0.012)
    turn = np.radians(np.clip(rng.normal(0, 14), -32, 32))
    nod = np.radians(rng.normal(4, 5))
    skeleton[HEAD] = head
    face = {
        "nose": (0, 0.014, 0.064),
        "right_eye": (-0.021, -0.008, 0.053),
        "left_eye": (0.021, -0.008, 0.053),
        "right_ear": (-0.05, 0.004, -0.002),
        "left_ear": (0.05, 0.004, -0.002),
    }
    for name, (x, y, z) in face.items():
        y, z = y * np.cos(nod) + z * np.sin(nod), z * np.cos(nod) - y * np.sin(nod)
        # A head turned to the image's right (positive yaw) moves the face to the person's left.
        turned = (x * np.cos(turn) + z * np.sin(turn), y, z * np.cos(turn) - x * np.sin(turn))
        skeleton[JOINT[name]] = head + np.array(turned)
    return turn


def _arm(skeleton: np.ndarray, rng: np.random.Generator, side: str, sign: int, swing: float) -> None:
    (flexion, abduction, elbow), (inward, up, forward) = ARM_POSES[pick_by_odds(rng, _ARM_ODDS)]
    flexion, abduction = (
        np.radians(flexion + swing * 0.9 + rng.normal(0, 6)),
        np.radians(abduction + rng.normal(0, 4)),
    )
    elbow = np.radians(np.clip(elbow + max(swing, 0) * 0.6 + rng.normal(0, 8), 3, 140))
    upper = np.array(
        [sign * np.sin(abduction), np.cos(abduction) * np.cos(flexion), np.cos(abduction) * np.sin(flexion)]
    )
    bend = np.array([-sign * inward, -up, forward])
    bend -= upper * (bend @ upper)
    bend /= np.linalg.norm(bend)
    lower = np.cos(elbow) * upper + np.sin(elbow) * bend
    shoulder, hand = JOINT[f"{side}_shoulder"], RIGHT_HAND if side == "right" else LEFT_HAND
    skeleton[shoulder + 1] = skeleton[shoulder] + upper * sizes.UPPER_ARM
    skeleton[shoulder + 2] = skeleton[shoulder + 1] + lower * sizes.FOREARM
    skeleton[hand] = skeleton[shoulder + 2] + lower * sizes.HAND


def _leg(skeleton: np.ndarray, rng: np.random.Generator, side: str, sign: int, swing: float) -> None:
    flexion = np.radians(swing + rng.normal(0, 2.5))
    abduction = np.radians(np.clip(rng.normal(4, 2.5), -1, 12))
    # The trailing leg bends its knee most.
    knee = np.radians(np.clip((-swing * 1.3 if swing < 0 else swing * 0.3) + abs(rng.normal(3, 4)), 1, 60))
    hip = JOINT[f"{side}_hip"]
    thigh = (
        sign * np.sin(abduction),
        np.cos(abduction) * np.cos(flexion),
        np.cos(abduction) * np.sin(flexion),
    )
    calf = (sign * np.sin(abduction * 0.4), np.cos(flexion - knee), np.sin(flexion - knee))
    skeleton[hip + 1] = skeleton[hip] + np.multiply(thigh, sizes.THIGH)
    skeleton[hip + 2] = skeleton[hip + 1] + np.multiply(calf, sizes.CALF)
    out, pitch = np.radians(rng.uniform(4, 20)), flexion - knee
    foot = np.array([sign * np.sin(out), 0.3 - np.sin(pitch) * 0.8, np.cos(out) * np.cos(pitch)])
    toe = RIGHT_TOE if side == "right" else RIGHT_TOE + 1
    skeleton[toe] = skeleton[hip + 2] + foot / np.linalg.norm(foot) * sizes.FOOT


def _project(skeleton: np.ndarray, yaw: float, pitch: float) -> np.ndarray:
    """Body axes to camera axes, seen from slightly above; `[23,3]` (x, y, z)."""
    left, down, forward = skeleton.T
    x = left * np.cos(yaw) + forward * np.sin(yaw)
    z = forward * np.cos(yaw) - left * np.sin(yaw)
    return np.stack(
        [x, down * np.cos(pitch) + z * np.sin(pitch), z * np.cos(pitch) - down * np.sin(pitch)], 1
    )


def _frame(
    camera: np.ndarray, rng: np.random.Generator, body: Body, canvas: tuple[int, int]
) -> tuple[np.ndarray, float]:
    """Places the figure as a person detector crops: nearly the full height, a little off the middle."""
    height, width = canvas
    cut = rng.random() < 0.12
    scale = min(height * rng.uniform(0.86, 0.95), width * 1.95) * body.height * (1.14 if cut else 1.0)
    top = camera[HEAD, 1] - sizes.HEAD_HALF_HEIGHT * 1.15
    slack = max(height - 1.02 * scale, 0.02 * height)
    first_row = rng.uniform(0.3, 0.7) * slack
    middle = (camera[:NUM_JOINTS, 0].min() + camera[:NUM_JOINTS, 0].max()) / 2
    centre = (width - 1) / 2 + rng.normal(0, 0.03) * width
    points = np.stack(
        [(camera[:, 1] - top) * scale + first_row, (camera[:, 0] - middle * 0.7) * scale + centre], 1
    )
    return points.astype(np.float32), float(scale)
