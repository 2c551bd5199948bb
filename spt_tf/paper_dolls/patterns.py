"""Cloth: flat periodic images of a garment's colours, sampled around the limbs by the renderer."""

from __future__ import annotations

import colorsys

import cv2
import numpy as np

from spt_tf.paper_dolls.chance import pick

PATTERNS = ("plain", "stripes", "checks", "dots", "print")
# Texels of one cloth: once around the torso, and from the collar to below the hips and on.
CLOTH_WIDTH = 160
CLOTH_HEIGHT = 160  # both divisible by every pattern's period
TEXELS_PER_HEIGHT = 300  # texels per body height
Colour = tuple[int, int, int]


def sample_colour(rng: np.random.Generator) -> Colour:
    """Draws an RGB clothes colour: greys, dark and vivid ones."""
    if rng.random() < 0.25:
        level = pick(rng, (30, 60, 110, 170, 235)) + int(rng.integers(-8, 9))
        return (level, level, min(level + 4, 255))
    hue, saturation, value = rng.random(), rng.uniform(0.35, 0.9), rng.uniform(0.3, 0.95)
    red, green, blue = (int(255 * channel) for channel in colorsys.hsv_to_rgb(hue, saturation, value))
    return (red, green, blue)


def shade(colour: Colour, factor: float) -> Colour:
    """A colour made lighter or darker."""
    red, green, blue = (int(min(channel * factor, 255)) for channel in colour)
    return (red, green, blue)


def contrasting_colour(rng: np.random.Generator, colour: Colour) -> Colour:
    """Draws a colour at least 110 levels (Euclidean RGB) from the given one."""
    while True:
        other = sample_colour(rng)
        if np.linalg.norm(np.subtract(colour, other)) > 110:
            return other


def draw_cloth(rng: np.random.Generator, pattern: str, colour: Colour, second: Colour) -> np.ndarray:
    """Draws one cloth.

    Args:
        rng: decides size and direction of the pattern and the folds.
        pattern: one of PATTERNS; "print" is a plain cloth with a picture at its middle column (the chest).
        colour, second: RGB 0..255.

    Returns:
        uint8 `[CLOTH_HEIGHT, CLOTH_WIDTH, 3]`; columns run once around the torso, the front in the middle.
    """
    cloth = np.empty((CLOTH_HEIGHT, CLOTH_WIDTH, 3), np.uint8)
    cloth[:] = colour
    if pattern == "stripes":
        _stripes(cloth, second, pick(rng, (8, 10, 16, 20)), upright=rng.random() < 0.3)
    elif pattern == "checks":
        _checks(cloth, second, pick(rng, (16, 20, 32)))
    elif pattern == "dots":
        _dots(cloth, second, pick(rng, (16, 20)))
    elif pattern == "print":
        _print(cloth, second, rng)
    return cv2.multiply(cloth, _folds(rng), scale=1 / 128)


def _stripes(cloth: np.ndarray, second: Colour, period: int, upright: bool) -> None:
    band = np.arange(CLOTH_WIDTH if upright else CLOTH_HEIGHT) % period < period * 0.45
    if upright:
        cloth[:, band] = second
    else:
        cloth[band] = second


def _checks(cloth: np.ndarray, second: Colour, period: int) -> None:
    rows = np.arange(CLOTH_HEIGHT) % period < period // 2
    columns = np.arange(CLOTH_WIDTH) % period < period // 2
    half = (cloth[0, 0].astype(int) + second) // 2
    cloth[rows] = half
    cloth[:, columns] = half
    cloth[np.ix_(rows, columns)] = second


def _dots(cloth: np.ndarray, second: Colour, period: int) -> None:
    tile = np.empty((period, period, 3), np.uint8)
    tile[:] = cloth[0, 0]
    quarter = period // 4
    for centre in ((quarter, quarter), (3 * quarter, 3 * quarter)):
        cv2.circle(tile, centre, max(period // 5, 2), second, -1, cv2.LINE_AA)
    cloth[:] = np.tile(tile, (CLOTH_HEIGHT // period, CLOTH_WIDTH // period, 1))


def _print(cloth: np.ndarray, second: Colour, rng: np.random.Generator) -> None:
    x, y, size = CLOTH_WIDTH // 2, int(rng.integers(30, 38)), int(rng.integers(12, 18))
    third = contrasting_colour(rng, second)
    shape = rng.integers(4)
    if shape == 0:
        cv2.circle(cloth, (x, y), size, second, -1, cv2.LINE_AA)
        cv2.circle(cloth, (x, y), size // 2, third, -1, cv2.LINE_AA)
    elif shape == 1:
        cv2.rectangle(cloth, (x - size, y - size // 2), (x + size, y + size // 2), second, -1)
        cv2.rectangle(cloth, (x - size + 4, y - 2), (x + size - 4, y + 2), third, -1)
    elif shape == 2:
        angles = np.arange(10) * np.pi / 5 - np.pi / 2
        reach = np.where(np.arange(10) % 2, size * 0.45, size * 1.15)
        star = np.stack([x + reach * np.cos(angles), y + reach * np.sin(angles)], 1)
        cv2.fillPoly(cloth, [np.round(star * 16).astype(np.int32)], second, cv2.LINE_AA, 4)
    else:
        triangle = np.array([[x - size, y + size], [x + size, y + size], [x, y - size]], np.int32)
        cv2.fillPoly(cloth, [triangle], second, cv2.LINE_AA)
        cv2.circle(cloth, (x, y + size // 3), size // 3, third, -1, cv2.LINE_AA)


def _folds(rng: np.random.Generator) -> np.ndarray:
    """Soft light and dark along the cloth, uint8 `[CLOTH_HEIGHT, CLOTH_WIDTH, 3]` about 128."""
    coarse = np.clip(rng.normal(128, 7, (6, 14)), 100, 156).astype(np.uint8)
    coarse[:, -1] = coarse[:, 0]
    folds = cv2.resize(coarse, (CLOTH_WIDTH, CLOTH_HEIGHT), interpolation=cv2.INTER_CUBIC)
    return cv2.merge([folds, folds, folds])
