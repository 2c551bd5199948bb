"""Outlines of limbs and of pieces of cloth, as polygons of (y, x)."""

from __future__ import annotations

import math
from functools import lru_cache

import numpy as np


def direction(start: np.ndarray, end: np.ndarray) -> tuple[np.ndarray, np.ndarray, float]:
    """Unit vector from start to end; the one across (to the right of a limb that hangs down); the length."""
    y, x = float(end[0] - start[0]), float(end[1] - start[1])
    length = math.hypot(y, x)
    y, x = (y / length, x / length) if length > 1e-6 else (1.0, 0.0)
    return np.array([y, x]), np.array([-x, y]), length


def limb(start: np.ndarray, end: np.ndarray, radii: tuple[float, ...], round_end: bool = True) -> np.ndarray:
    """A limb with the given radii at even distances from start to end; `[n,2]`.

    Its start is rounded by a half circle, its end too unless round_end is False.
    """
    along, across, length = direction(start, end)
    which, place, beyond, aside = _limb_corners(len(radii), round_end)
    radius = np.asarray(radii)[which]
    v = place * length + beyond * radius
    return np.asarray(start) + v[:, None] * along + (aside * radius)[:, None] * across


@lru_cache(maxsize=16)
def _limb_corners(count: int, round_end: bool) -> tuple[np.ndarray, ...]:
    """Of each corner: which radius it has, its place 0..1, and where it lies from there, in radii."""
    cap = np.linspace(0, np.pi, 7)
    order, ones = np.arange(count), np.ones(count)
    runs = [(order, np.zeros(count), ones)]
    if round_end:
        runs.append((np.full(7, count - 1), np.sin(cap), np.cos(cap)))
    runs.append((order[::-1], np.zeros(count), -ones))
    runs.append((np.zeros(7, int), -np.sin(cap), -np.cos(cap)))
    which, beyond, aside = (np.concatenate(column) for column in zip(*runs))
    return which, which / (count - 1), beyond, aside


def trunk(
    top: np.ndarray, bottom: np.ndarray, levels: np.ndarray, left: np.ndarray, right: np.ndarray
) -> np.ndarray:
    """An outline about the line from top to bottom.

    Args:
        levels: `[n]`, 0 at the top and 1 at the bottom, increasing; may go beyond.
        left, right: `[n]`, distances to either side of the line, towards -x and +x when the line runs down.
    """
    along, across, length = direction(top, bottom)
    centre = np.asarray(top) + levels[:, None] * (length * along)
    return np.concatenate([centre + right[:, None] * across, (centre - left[:, None] * across)[::-1]])
