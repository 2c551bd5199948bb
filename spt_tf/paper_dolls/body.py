"""A doll's body: its proportions, skin and hair.

Lengths are in body heights (top of the head to the sole).
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from spt_tf.paper_dolls.chance import pick, pick_by_odds

# Bone lengths of a figure seven and a half heads tall.
HEAD_HALF_HEIGHT = 0.067
HEAD_HALF_WIDTH = 0.05
HEAD_HALF_DEPTH = 0.058
TORSO = 0.305  # middle of the shoulders to middle of the hips
NECK_TO_HEAD = 0.113
UPPER_ARM = 0.165
FOREARM = 0.145
HAND = 0.075
THIGH = 0.24
CALF = 0.228
FOOT = 0.105

SKINS = ((246, 210, 182), (232, 188, 154), (214, 165, 126), (186, 132, 96), (141, 92, 62), (98, 62, 43))
HAIRS = (
    (28, 22, 20),
    (58, 38, 26),
    (96, 62, 36),
    (150, 104, 56),
    (205, 168, 104),
    (120, 116, 112),
    (104, 54, 34),
)
HAIR_STYLE_ODDS = {"short": 0.45, "bob": 0.17, "long": 0.2, "bun": 0.08, "ponytail": 0.1}


class Body(NamedTuple):
    """One person's body, the same in every image of them.

    shoulder_half, hip_half: from the body's middle to the shoulder and hip joints, body heights.
    build: factor on every thickness, about 1. height: factor on the figure's size in the frame, about 1.
    skin, hair: RGB 0..255. hair_style: a key of HAIR_STYLE_ODDS.
    hair_length: body heights below the head's centre.
    """

    shoulder_half: float
    hip_half: float
    build: float
    height: float
    skin: tuple[int, int, int]
    hair: tuple[int, int, int]
    hair_style: str
    hair_length: float


def sample_body(rng: np.random.Generator) -> Body:
    """Draws a body."""
    broad = rng.uniform(0.0, 1.0)  # from narrow shoulders and wide hips to the contrary
    style = pick_by_odds(rng, HAIR_STYLE_ODDS)
    lengths = {"short": 0.0, "bob": rng.uniform(0.07, 0.1), "long": rng.uniform(0.13, 0.24)}
    return Body(
        shoulder_half=0.092 + 0.016 * broad,
        hip_half=0.056 - 0.006 * broad,
        build=float(rng.uniform(0.9, 1.14)),
        height=float(rng.uniform(0.95, 1.03)),
        skin=_vary(rng, pick(rng, SKINS), 8),
        hair=_vary(rng, pick(rng, HAIRS), 10),
        hair_style=style,
        hair_length=float(lengths.get(style, 0.0)),
    )


def _vary(rng: np.random.Generator, colour: tuple[int, int, int], amount: int) -> tuple[int, int, int]:
    moved = np.clip(np.asarray(colour) + rng.integers(-amount, amount + 1, 3), 0, 255)
    red, green, blue = (int(value) for value in moved)
    return (red, green, blue)
