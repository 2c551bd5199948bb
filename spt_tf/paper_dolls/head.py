"""A doll's head: a globe with a painted face, under a shell of hair that is open in front."""

from __future__ import annotations

from functools import cache, lru_cache

import cv2
import numpy as np

from spt_tf.paper_dolls.backgrounds import Scene
from spt_tf.paper_dolls.body import HEAD_HALF_DEPTH, HEAD_HALF_HEIGHT, HEAD_HALF_WIDTH, Body
from spt_tf.paper_dolls.outlines import limb, trunk
from spt_tf.paper_dolls.parts import PIECE
from spt_tf.paper_dolls.patterns import Colour, shade
from spt_tf.paper_dolls.sheet import Sheet
from spt_tf.paper_dolls.textures import lit

_GRID = 48  # rows and columns of a head's picture
_MAP_HEIGHT, _MAP_WIDTH = 64, 128  # rows: top to chin; columns: once around, the face in the middle
_HAIR_MARGIN = 1.13  # hair shell over skull


def paint_head(
    sheet: Sheet, body: Body, scene: Scene, centre: np.ndarray, roll: float, yaw: float, unit: float
) -> None:
    """Paints ears, head and hair.

    Args:
        centre: (y, x) sheet pixels; roll: radians, clockwise lean of the head; yaw: radians, where it looks.
        unit: sheet pixels per body height.
    """
    half_height = HEAD_HALF_HEIGHT * unit
    half_width = float(np.hypot(HEAD_HALF_WIDTH * np.cos(yaw), HEAD_HALF_DEPTH * np.sin(yaw))) * unit
    far, near = ("left", "right") if np.sin(yaw) > 0 else ("right", "left")
    _paint_ear(sheet, body, far, centre, yaw, unit)
    columns, rows, light = _globe_view(yaw, scene)
    everywhere = _egg()
    face = _face_map(body.skin, body.hair)
    sheet.stamp(
        PIECE["face"], lit(face[rows, columns], light), everywhere, centre, half_height, half_width, roll
    )
    if abs(np.sin(yaw)) > 0.3 or np.cos(yaw) < 0:
        _paint_ear(sheet, body, near, centre, yaw, unit)
    tones, grown = _hair_map(body.hair_style)
    hair = np.empty((_GRID, _GRID, 3), np.uint8)
    hair[:] = body.hair
    hair_centre = centre + np.array([-0.035 * half_height, -np.sin(yaw) * 0.08 * half_width])
    half_height, half_width = half_height * _HAIR_MARGIN, half_width * _HAIR_MARGIN
    shell = cv2.min(grown[rows, columns], _egg() if body.hair_style == "short" else _disc())
    hair = lit(hair, light * tones[rows, columns])
    sheet.stamp(PIECE["hair"], hair, shell, hair_centre, half_height, half_width, roll)


def paint_bun(
    sheet: Sheet, body: Body, scene: Scene, centre: np.ndarray, up: np.ndarray, yaw: float, unit: float
) -> None:
    """Paints the hair gathered at the back of the head: a bun, or a ponytail that hangs down.

    up: (y, x) unit vector on the sheet from neck to head.
    """
    behind = np.array([0.0, -np.sin(yaw)])
    if body.hair_style == "bun":
        root = centre + (up * 0.062 + behind * 0.03) * unit
        outline = limb(root, root + up * 0.012 * unit, (0.027 * unit, 0.025 * unit))
    elif body.hair_style == "ponytail":
        root = centre + (up * 0.03 + behind * 0.062) * unit
        tip = root + (np.array([0.14, 0.0]) + behind * 0.02) * unit
        outline = limb(root, tip, (0.016 * unit, 0.024 * unit, 0.02 * unit, 0.008 * unit))
    else:
        return
    sheet.fill(PIECE["hair"], outline, shade(body.hair, scene.ambient + 0.25))


def paint_long_hair(
    sheet: Sheet, body: Body, scene: Scene, centre: np.ndarray, roll: float, yaw: float, unit: float
) -> None:
    """Paints the part of bobbed or long hair that hangs below the head."""
    if body.hair_length <= 0:
        return
    half = HEAD_HALF_WIDTH * 1.16 * unit
    middle = centre + np.array([0.0, -np.sin(yaw) * 0.022 * unit])
    bottom = middle + np.array([body.hair_length * unit, 0.0])
    levels = np.array([-0.1, 0.3, 0.7, 0.93, 1.0])
    side = half * np.array([0.9, 1.0, 1.03, 0.97, 0.75])
    tones = np.random.default_rng(7).uniform(0.75, 1.1, 16)
    columns = np.linspace(-1, 1, 16)
    sideways = np.maximum(columns * scene.light[0] + np.sqrt(1 - (columns * 0.95) ** 2) * scene.light[2], 0)
    tones = tones * (scene.ambient + (1.05 - scene.ambient) * sideways)
    texture = np.repeat(np.clip(np.multiply.outer(tones, body.hair), 0, 255).astype(np.uint8)[None], 4, 0)
    sheet.paint(PIECE["hair"], trunk(middle, bottom, levels, side, side), texture, middle, bottom, half)


def _paint_ear(sheet: Sheet, body: Body, side: str, centre: np.ndarray, yaw: float, unit: float) -> None:
    sign = 1 if side == "left" else -1
    x = sign * np.cos(yaw) * HEAD_HALF_WIDTH
    middle = centre + np.array([0.004, x]) * unit
    half = np.array([0.009 * unit, 0.0])
    outline = limb(middle - half, middle + half, (0.0085 * unit, 0.006 * unit))
    sheet.fill(PIECE[f"{side}_ear"], outline, shade(body.skin, 0.86))


@lru_cache(maxsize=1)
def _globe() -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Angle about the vertical axis, (x, y, z) normals of a globe's visible half, each `[_GRID,_GRID]`."""
    place = (np.arange(_GRID) + 0.5) / _GRID * 2 - 1
    x, y = np.meshgrid(place, place)
    around = np.sqrt(np.maximum(1 - y**2, 1e-6))
    sine = np.clip(x / around, -1, 1)
    return np.arcsin(sine), sine * around, y, around * np.sqrt(1 - sine**2)


def _globe_view(yaw: float, scene: Scene) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Which map column and row each picture element shows, and its light."""
    angle, x, y, z = _globe()
    columns = (
        np.floor((angle - yaw) * (_MAP_WIDTH / (2 * np.pi)) + _MAP_WIDTH / 2).astype(np.intp) % _MAP_WIDTH
    )
    rows = np.minimum(((y + 1) * 0.5 * _MAP_HEIGHT).astype(np.intp), _MAP_HEIGHT - 1)
    towards = np.maximum(x * scene.light[0] + y * scene.light[1] * 0.6 + z * scene.light[2], 0)
    return columns, rows, scene.ambient + (1.1 - scene.ambient) * towards


@lru_cache(maxsize=1)
def _egg() -> np.ndarray:
    """uint8 `[_GRID,_GRID]`: a head's outline, narrower at the chin."""
    place = (np.arange(_GRID) + 0.5) / _GRID * 2 - 1
    x, y = np.meshgrid(place, place)
    width = np.where(y > 0, 1 - 0.16 * y, 1.0)
    return np.where((x / width) ** 2 + y**2 < 1, 255, 0).astype(np.uint8)


@lru_cache(maxsize=1)
def _disc() -> np.ndarray:
    place = (np.arange(_GRID) + 0.5) / _GRID * 2 - 1
    x, y = np.meshgrid(place, place)
    return np.where(x**2 + y**2 < 1, 255, 0).astype(np.uint8)


def _at(longitude_degrees: float, level: float) -> tuple[int, int]:
    """Map (column, row) of a place on the head; level -1 is the top and 1 the chin."""
    return round(_MAP_WIDTH * (0.5 + longitude_degrees / 360)), round(_MAP_HEIGHT * (level + 1) / 2)


@lru_cache(maxsize=256)
def _face_map(skin: tuple[int, int, int], hair: tuple[int, int, int]) -> np.ndarray:
    """uint8 `[_MAP_HEIGHT,_MAP_WIDTH,3]`: skin with brows, eyes, nose and mouth."""
    face = np.empty((_MAP_HEIGHT, _MAP_WIDTH, 3), np.uint8)
    face[:] = skin
    for side in (-1, 1):
        cv2.ellipse(face, _at(side * 33, 0.3), (7, 6), 0, 0, 360, _blend(skin, (225, 120, 105), 0.18), -1)
        cv2.ellipse(face, _at(side * 25, -0.08), (4, 3), 0, 0, 360, (236, 232, 226), -1)
        cv2.ellipse(face, _at(side * 25, -0.07), (2, 3), 0, 0, 360, (38, 28, 26), -1)
        cv2.line(face, _at(side * 15, -0.25), _at(side * 37, -0.27), _blend(hair, (40, 30, 25), 0.4), 2)
    cv2.line(face, _at(3, -0.08), _at(4, 0.22), _blend(skin, (0, 0, 0), 0.16), 2)
    cv2.ellipse(face, _at(0, 0.26), (3, 1), 0, 0, 360, _blend(skin, (90, 30, 20), 0.4), -1)
    cv2.ellipse(face, _at(0, 0.54), (6, 2), 0, 0, 360, _blend(skin, (170, 40, 45), 0.6), -1)
    face[int(_MAP_HEIGHT * 0.9) :] = _blend(skin, (0, 0, 0), 0.12)
    return face


def _blend(first: Colour, second: Colour, share: float) -> Colour:
    red, green, blue = (int(a * (1 - share) + b * share) for a, b in zip(first, second))
    return (red, green, blue)


@cache
def _hair_map(style: str) -> tuple[np.ndarray, np.ndarray]:
    """Hair around the head: its light and dark strands, float, and where it grows, uint8; both map-sized."""
    longitude = np.abs((np.arange(_MAP_WIDTH) + 0.5) / _MAP_WIDTH * 360 - 180)
    # The hairline: forehead, temples, ears, nape.
    lines = {
        "short": ((0, 45, 62, 78, 100, 125, 180), (-0.52, -0.5, -0.3, 0.0, -0.02, 0.5, 0.62)),
        "bob": ((0, 40, 55, 70, 90, 180), (-0.42, -0.46, 0.2, 1.0, 1.1, 1.1)),
        "long": ((0, 30, 55, 72, 90, 180), (-0.56, -0.5, 0.0, 1.0, 1.1, 1.1)),
        "bun": ((0, 45, 62, 80, 105, 125, 180), (-0.55, -0.5, -0.35, -0.15, -0.1, 0.4, 0.5)),
    }
    places, levels = lines["bun" if style == "ponytail" else style]
    hairline = np.interp(longitude, places, levels)
    level = ((np.arange(_MAP_HEIGHT) + 0.5) / _MAP_HEIGHT * 2 - 1)[:, None]
    grown = np.where(level < hairline, 255, 0).astype(np.uint8)
    strands = cv2.GaussianBlur(np.random.default_rng(11).normal(1, 0.3, (1, _MAP_WIDTH)), (3, 1), 0)
    sheen = 1 + 0.28 * np.exp(-(((level + 0.55) / 0.22) ** 2))
    return strands * sheen, grown
