"""The sheet a doll is painted on: colours and piece numbers, several times finer than the canvas."""

from __future__ import annotations

import math

import cv2
import numpy as np

from spt_tf.paper_dolls.parts import PIECE_LABELS

_SHIFT = 4  # fractional bits of OpenCV's polygon corners
_FINEST = 384  # rows of the finest sheet worth its time


def supersampling(canvas: tuple[int, int]) -> int:
    """Odd factor from canvas to sheet, so that every canvas pixel's centre is a sheet pixel."""
    return 5 if canvas[0] * 5 <= _FINEST else 3


class Sheet:
    """Paints pieces back to front.

    Coordinates are (y, x) sheet pixels with pixel centres at integers; `factor` of them go to a canvas pixel.
    """

    def __init__(self, picture: np.ndarray):
        """picture: the background, uint8 `[H,W,3]` at canvas size."""
        self.canvas = (picture.shape[0], picture.shape[1])
        self.factor = supersampling(self.canvas)
        size = (self.canvas[1] * self.factor, self.canvas[0] * self.factor)
        self.colours = cv2.resize(picture, size, interpolation=cv2.INTER_LINEAR)
        self.pieces = np.zeros(size[::-1], np.uint8)

    def paint(
        self,
        piece: int,
        outline: np.ndarray,
        texture: np.ndarray,
        start: np.ndarray,
        end: np.ndarray,
        half_width: float,
    ) -> None:
        """Fills an outline with a texture stretched over a rectangle.

        Args:
            piece: piece number written for every painted pixel.
            outline: float `[n,2]` polygon.
            texture: uint8 `[h,w,3]`; its rows run from `start` to `end` and its columns `half_width` to
                either side (towards +x when the rows run down the sheet). Beyond the rectangle its border is
                repeated.
            start, end: (y, x) of the rectangle's middle line.
            half_width: sheet pixels.
        """
        box = self._fill(piece, outline)
        if box is None:
            return
        top, bottom, left, right = box
        y, x = float(start[0]), float(start[1])
        down, aside = float(end[0]) - y, float(end[1]) - x
        length = math.hypot(down, aside)
        down, aside = (down / length, aside / length) if length > 1e-6 else (1.0, 0.0)
        rows, columns = texture.shape[:2]
        per_row, per_column = max(length, 1.0) / rows, 2 * half_width / columns
        # Texture (column, row) -> sheet (x, y); the direction across is the one along turned a quarter.
        first = (0.5 - columns / 2) * per_column
        matrix = np.array(
            [
                [down * per_column, aside * per_row, x + aside * per_row * 0.5 + down * first - left],
                [-aside * per_column, down * per_row, y + down * per_row * 0.5 - aside * first - top],
            ]
        )
        size = (right - left, bottom - top)
        patch = cv2.warpAffine(
            texture, matrix, size, flags=cv2.INTER_NEAREST, borderMode=cv2.BORDER_REPLICATE
        )
        mask = cv2.compare(self.pieces[top:bottom, left:right], float(piece), cv2.CMP_EQ)
        cv2.copyTo(patch, mask, self.colours[top:bottom, left:right])

    def fill(self, piece: int, outline: np.ndarray, colour: tuple[int, int, int]) -> None:
        """Fills an outline with one colour."""
        if self._fill(piece, outline) is not None:
            cv2.fillPoly(self.colours, [_corners(outline)], colour, cv2.LINE_8, _SHIFT)

    def stamp(
        self,
        piece: int,
        texture: np.ndarray,
        alpha: np.ndarray,
        centre: np.ndarray,
        half_height: float,
        half_width: float,
        roll: float,
    ) -> None:
        """Lays an upright texture with holes over the sheet.

        Args:
            texture: uint8 `[h,w,3]`; alpha: uint8 `[h,w]`, opaque from 128 on.
            centre: (y, x) of its middle; half_height, half_width: sheet pixels; roll: radians, clockwise.
        """
        height, width = self.pieces.shape
        reach = float(np.hypot(half_height, half_width)) + 1
        top, bottom = max(int(centre[0] - reach), 0), min(int(centre[0] + reach) + 1, height)
        left, right = max(int(centre[1] - reach), 0), min(int(centre[1] + reach) + 1, width)
        if top >= bottom or left >= right:
            return
        rows, columns = alpha.shape
        cos, sin = np.cos(roll), np.sin(roll)
        per_row, per_column = 2 * half_height / rows, 2 * half_width / columns
        matrix = np.array([[cos * per_column, -sin * per_row, 0], [sin * per_column, cos * per_row, 0]])
        matrix[:, 2] = np.array([centre[1] - left, centre[0] - top]) - matrix[:, :2] @ [
            (columns - 1) / 2,
            (rows - 1) / 2,
        ]
        size = (right - left, bottom - top)
        patch = cv2.warpAffine(
            texture, matrix, size, flags=cv2.INTER_NEAREST, borderMode=cv2.BORDER_REPLICATE
        )
        mask = cv2.compare(cv2.warpAffine(alpha, matrix, size, flags=cv2.INTER_NEAREST), 127, cv2.CMP_GT)
        cv2.copyTo(patch, mask, self.colours[top:bottom, left:right])
        self.pieces[top:bottom, left:right][mask > 0] = piece

    def image(self) -> np.ndarray:
        """uint8 `[H,W,3]`, anti-aliased by averaging."""
        return cv2.resize(self.colours, self.canvas[::-1], interpolation=cv2.INTER_AREA)

    def parsing(self) -> np.ndarray:
        """uint8 `[H,W]` labels at the canvas pixels' centres."""
        middle = self.factor // 2
        return PIECE_LABELS[self.pieces[middle :: self.factor, middle :: self.factor]]

    def piece_at(self, y: float, x: float) -> int:
        """The piece on top at a canvas position; 0 is background."""
        row, column = (round(value * self.factor + self.factor // 2) for value in (y, x))
        height, width = self.pieces.shape
        return int(self.pieces[min(max(row, 0), height - 1), min(max(column, 0), width - 1)])

    def _fill(self, piece: int, outline: np.ndarray) -> tuple[int, int, int, int] | None:
        """Writes the piece's number into an outline; returns the rows and columns it may reach."""
        height, width = self.pieces.shape
        corners = _corners(outline)
        x, y, columns, rows = cv2.boundingRect(corners)
        top, left = max((y >> _SHIFT) - 1, 0), max((x >> _SHIFT) - 1, 0)
        bottom = min(((y + rows) >> _SHIFT) + 3, height)
        right = min(((x + columns) >> _SHIFT) + 3, width)
        if top >= bottom or left >= right:
            return None
        cv2.fillPoly(self.pieces, [corners], piece, cv2.LINE_8, _SHIFT)
        return top, bottom, left, right


def _corners(outline: np.ndarray) -> np.ndarray:
    return (outline[:, ::-1] * (1 << _SHIFT) + 0.5).astype(np.int32)
