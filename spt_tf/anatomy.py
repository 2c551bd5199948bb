"""The vocabulary of a person: joints, limbs, body parts, parsing labels, colours.

Everything else names joints and labels through this module; it imports nothing.
"""

# OpenPose's 18 joints, in its order (right and left are the person's own).
from __future__ import annotations

JOINTS: tuple[str, ...] = (
    "nose",
    "neck",
    "right_shoulder",
    "right_elbow",
    "right_wrist",
    "left_shoulder",
    "left_elbow",
    "left_wrist",
    "right_hip",
    "right_knee",
    "right_ankle",
    "left_hip",
    "left_knee",
    "left_ankle",
    "right_eye",
    "left_eye",
    "right_ear",
    "left_ear",
)
JOINT: dict[str, int] = {name: index for index, name in enumerate(JOINTS)}
NUM_JOINTS = len(JOINTS)
MISSING = -1  # both coordinates of a joint that is hidden or out of frame

# JOINT index of the same joint on the other side of the body.
MIRRORED_JOINTS: tuple[int, ...] = (0, 1, 5, 6, 7, 2, 3, 4, 11, 12, 13, 8, 9, 10, 15, 14, 17, 16)

TORSO_JOINTS: tuple[int, ...] = (2, 5, 8, 11)
HEAD_JOINTS: tuple[int, ...] = (0, 14, 15, 16, 17)

# Bones drawn in skeleton pictures.
LIMBS: tuple[tuple[int, int], ...] = (
    (1, 2),
    (2, 3),
    (3, 4),
    (1, 5),
    (5, 6),
    (6, 7),
    (1, 8),
    (8, 9),
    (9, 10),
    (1, 11),
    (11, 12),
    (12, 13),
    (1, 0),
    (0, 14),
    (14, 16),
    (0, 15),
    (15, 17),
)

# What PG2's pose masks draw besides the bones: neck to ears, bottom and sides of the torso, ear to ear.
BODY_OUTLINE: tuple[tuple[int, int], ...] = ((1, 16), (1, 17), (8, 11), (11, 5), (8, 2), (16, 17))

# The ten rigid parts of Siarohin et al., "Deformable GANs", Section 3.2, in the order of every
# transforms and part-mask array.
BODY_PARTS: tuple[str, ...] = (
    "torso",
    "head",
    "right_thigh",
    "left_thigh",
    "right_calf",
    "left_calf",
    "right_upper_arm",
    "left_upper_arm",
    "right_forearm",
    "left_forearm",
)
NUM_PARTS = len(BODY_PARTS)
# The two joints at a limb part's ends: parts 2..9 of BODY_PARTS.
LIMB_PART_JOINTS: tuple[tuple[int, int], ...] = (
    (8, 9),
    (11, 12),
    (9, 10),
    (12, 13),
    (2, 3),
    (5, 6),
    (3, 4),
    (6, 7),
)

# The ten parsing labels of the paper (Section 4.1).
LABELS: tuple[str, ...] = (
    "background",
    "face",
    "hair",
    "upper_clothes",
    "pants",
    "skirt",
    "left_arm",
    "right_arm",
    "left_leg",
    "right_leg",
)
LABEL: dict[str, int] = {name: index for index, name in enumerate(LABELS)}
NUM_LABELS = len(LABELS)
# LABEL index of the same label in a mirror image.
MIRRORED_LABELS: tuple[int, ...] = (0, 1, 2, 3, 4, 5, 7, 6, 9, 8)
# Labels compared by the style loss: every one but background and face (the face has its own loss).
STYLE_LABELS: tuple[int, ...] = (2, 3, 4, 5, 6, 7, 8, 9)

# RGB, 0..255.
LABEL_COLOURS: tuple[tuple[int, int, int], ...] = (
    (0, 0, 0),
    (250, 190, 150),
    (120, 60, 20),
    (220, 40, 60),
    (40, 90, 220),
    (200, 60, 220),
    (60, 200, 220),
    (20, 130, 120),
    (250, 220, 60),
    (220, 140, 20),
)
JOINT_COLOURS: tuple[tuple[int, int, int], ...] = (
    (255, 0, 0),
    (255, 85, 0),
    (255, 170, 0),
    (255, 255, 0),
    (170, 255, 0),
    (85, 255, 0),
    (0, 255, 0),
    (0, 255, 85),
    (0, 255, 170),
    (0, 255, 255),
    (0, 170, 255),
    (0, 85, 255),
    (0, 0, 255),
    (85, 0, 255),
    (170, 0, 255),
    (255, 0, 255),
    (255, 0, 170),
    (255, 0, 85),
)
