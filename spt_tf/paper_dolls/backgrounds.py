"""Places a doll stands in: the light and what is behind it.

Both images of a test pair share one place, as under one camera.
"""

from __future__ import annotations

from typing import NamedTuple

import cv2
import numpy as np

from spt_tf.paper_dolls.chance import pick

BACKGROUNDS = ("wall", "pavement", "lawn", "shop", "blur")


class Scene(NamedTuple):
    """What the camera sees besides the doll.

    picture: uint8 `[H,W,3]`.
    light: unit vector (x right, y down, z towards the camera) that points to the
        light, from one side and above.
    ambient: share of the light that has no direction, 0..1.
    """

    picture: np.ndarray
    light: np.ndarray
    ambient: float


def sample_scene(rng: np.random.Generator, canvas: tuple[int, int]) -> Scene:
    """Draws a place and its light."""
    side = 1 if rng.random() < 0.5 else -1
    light = np.array([side * rng.uniform(0.45, 0.85), -rng.uniform(0.25, 0.5), rng.uniform(0.5, 0.8)])
    kind = pick(rng, BACKGROUNDS)
    picture = _mottle(rng, _DRAW[kind](rng, canvas), 0.05)
    return Scene(picture, light / np.linalg.norm(light), float(rng.uniform(0.5, 0.64)))


def _dull_colour(rng: np.random.Generator, low: int = 70, high: int = 210) -> np.ndarray:
    return np.clip(rng.uniform(low, high) + rng.normal(0, 12, 3), 0, 255)


def _floor(rng: np.random.Generator, canvas: tuple[int, int], horizon: float) -> np.ndarray:
    """Two flat colours, each fading a little upwards."""
    height, width = canvas
    rows = np.linspace(0, 1, height)[:, None]
    fade = 1 + 0.25 * (rows - horizon)
    colours = np.where(rows < horizon, _dull_colour(rng), _dull_colour(rng)) * fade
    return np.repeat(np.clip(colours, 0, 255).astype(np.uint8)[:, None], width, 1)


def _wall(rng: np.random.Generator, canvas: tuple[int, int]) -> np.ndarray:
    picture = _floor(rng, canvas, rng.uniform(0.55, 0.85))
    colour = tuple(int(c) for c in _dull_colour(rng))
    x = int(rng.uniform(-0.2, 0.9) * canvas[1])
    bottom = int(rng.uniform(0.3, 0.75) * canvas[0])
    cv2.rectangle(
        picture, (x, int(rng.uniform(-0.1, 0.3) * canvas[0])), (x + canvas[1] // 3, bottom), colour, -1
    )
    return picture


def _pavement(rng: np.random.Generator, canvas: tuple[int, int]) -> np.ndarray:
    height, width = canvas
    picture = _floor(rng, canvas, rng.uniform(-0.2, 0.25))
    line = tuple(int(c) for c in picture[-1, 0] * rng.uniform(0.75, 0.9))
    slope, step = rng.uniform(-0.25, 0.25) * width, int(height * rng.uniform(0.09, 0.2))
    for y in range(-step, height + step, step):
        cv2.line(picture, (0, int(y + slope)), (width, int(y - slope)), line, 1, cv2.LINE_AA)
    for x in range(0, 2 * width, step):
        cv2.line(
            picture, (x - width // 2, height), (int(x - width // 2 + slope * 2), 0), line, 1, cv2.LINE_AA
        )
    return picture


def _lawn(rng: np.random.Generator, canvas: tuple[int, int]) -> np.ndarray:
    picture = _floor(rng, canvas, rng.uniform(0.3, 0.6))
    green = np.array([rng.uniform(50, 110), rng.uniform(100, 150), rng.uniform(40, 80)])
    first = int(rng.uniform(0.3, 0.7) * canvas[0])
    picture[first:] = green
    return _mottle(rng, picture, 0.12, cells=24)


def _shop(rng: np.random.Generator, canvas: tuple[int, int]) -> np.ndarray:
    height, width = canvas
    picture = _floor(rng, canvas, rng.uniform(0.6, 0.8))
    x = -int(rng.integers(width // 4 + 1))
    while x < width:
        next_x = x + int(rng.uniform(0.2, 0.5) * width) + 2
        colour = tuple(int(c) for c in _dull_colour(rng, 40, 220))
        cv2.rectangle(picture, (x + 1, 0), (next_x - 2, int(height * 0.58)), colour, -1)
        x = next_x
    return picture


def _blur(rng: np.random.Generator, canvas: tuple[int, int]) -> np.ndarray:
    coarse = np.clip(
        _dull_colour(rng) + rng.normal(0, 20, (7, 4, 1)) + rng.normal(0, 9, (7, 4, 3)), 0, 255
    ).astype(np.uint8)
    return cv2.resize(coarse, canvas[::-1], interpolation=cv2.INTER_CUBIC)


_DRAW = {"wall": _wall, "pavement": _pavement, "lawn": _lawn, "shop": _shop, "blur": _blur}


def _mottle(rng: np.random.Generator, picture: np.ndarray, amount: float, cells: int = 12) -> np.ndarray:
    """Uneven light over a picture."""
    coarse = rng.normal(1, amount, (cells, cells // 2)).astype(np.float32)
    factor = cv2.resize(coarse, picture.shape[1::-1], interpolation=cv2.INTER_LINEAR)
    return cv2.multiply(picture, cv2.merge([factor] * 3), dtype=cv2.CV_8U)
