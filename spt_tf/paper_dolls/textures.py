"""What is seen of a cloth wrapped around a limb, with the light on it."""

from __future__ import annotations

from functools import lru_cache

import cv2
import numpy as np

from spt_tf.paper_dolls.backgrounds import Scene
from spt_tf.paper_dolls.patterns import TEXELS_PER_HEIGHT


@lru_cache(maxsize=64)
def _arc(columns: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Angle, sine and cosine on the visible half of a cylinder at evenly spaced columns of its picture."""
    sine = (np.arange(columns) + 0.5) / columns * 2 - 1
    return np.arcsin(sine), sine, np.sqrt(1 - sine**2)


def shading(scene: Scene, across: np.ndarray, columns: int) -> np.ndarray:
    """Light on a cylinder, float `[columns]`, by Lambert's law over its visible half.

    across: (y, x) unit vector on the sheet in which the columns run.
    """
    _, sine, cosine = _arc(columns)
    sideways = across[1] * scene.light[0] + across[0] * scene.light[1]
    lit = np.maximum(sine * sideways + cosine * scene.light[2], 0)
    return scene.ambient + (1.08 - scene.ambient) * lit


def wrap(
    cloth: np.ndarray,
    circumference: int,
    first_row: int,
    rows: int,
    columns: int,
    turn: float,
    offset: int = 0,
) -> np.ndarray:
    """Looks at a cloth wrapped around a cylinder.

    Args:
        cloth: uint8 `[h,w,3]`, periodic; the body's front is at the middle column.
        circumference: texels around the cylinder.
        first_row, rows: texels along it.
        columns: of the result.
        turn: radians, the cylinder's yaw (see DollPose.yaw).
        offset: texels that the cylinder's front lies beside the cloth's middle.

    Returns:
        uint8 `[rows, columns, 3]`.
    """
    height, width = cloth.shape[:2]
    angle = _arc(columns)[0] - turn
    # Back to (-pi, pi], so that a cylinder narrower than the cloth has its seam at the back.
    angle = (angle + np.pi) % (2 * np.pi) - np.pi
    column = np.floor(angle * (circumference / (2 * np.pi)) + width / 2 + offset).astype(np.intp) % width
    row = np.arange(first_row, first_row + rows) % height
    return cloth.take(row, 0).take(column, 1)


def lit(texture: np.ndarray, light: np.ndarray) -> np.ndarray:
    """Texture uint8 `[h,w,3]` times light `[h,w]`, uint8."""
    light = light.astype(np.float32)
    return cv2.multiply(texture, cv2.merge([light, light, light]), dtype=cv2.CV_8U)


def texels(body_heights: float) -> int:
    """Texels of a length on a cloth, at least 2."""
    return max(int(body_heights * TEXELS_PER_HEIGHT), 2)
