"""Top, hips, skirt, neck and collar: what hangs on the trunk."""

from __future__ import annotations

import numpy as np

from spt_tf.anatomy import JOINT
from spt_tf.paper_dolls import body as sizes
from spt_tf.paper_dolls.doll_pose import HEAD
from spt_tf.paper_dolls.outlines import direction, limb, trunk
from spt_tf.paper_dolls.parts import PIECE
from spt_tf.paper_dolls.patterns import CLOTH_WIDTH, shade
from spt_tf.paper_dolls.placed_doll import PlacedDoll
from spt_tf.paper_dolls.textures import lit, shading, texels, wrap

# The trunk as elliptic rings from the neck's foot to below the hips: level in torso lengths, half-width and
# half-depth in body heights.
_LEVELS = np.array([-0.1, -0.035, 0.03, 0.2, 0.4, 0.65, 0.85, 1.0, 1.15, 1.3])
_WIDTHS = np.array([0.03, 0.07, 0.107, 0.1, 0.094, 0.083, 0.09, 0.097, 0.1, 0.1])
_DEPTHS = np.array([0.03, 0.045, 0.05, 0.066, 0.068, 0.056, 0.058, 0.066, 0.066, 0.064])
_SHOULDER_LEVEL = 0.1025  # shoulder_half for which _WIDTHS holds
_COLUMNS = 64
_SLEEVELESS = np.array([0.86, 0.82])  # of the width at the shoulders' two rings
_TUCKED = 1.0  # a top that ends above this goes inside a skirt


class TrunkPainter:
    """Paints what one doll wears about its trunk."""

    def __init__(self, doll: PlacedDoll):
        self._sheet, self._body, self._outfit, self._pose, self._scene, self._points, self._unit = doll
        points = doll.points
        self._neck = (points[JOINT["right_shoulder"]] + points[JOINT["left_shoulder"]]) / 2
        self._hips = (points[JOINT["right_hip"]] + points[JOINT["left_hip"]]) / 2
        self._hip_half = direction(points[JOINT["right_hip"]], points[JOINT["left_hip"]])[2] / 2
        self._torso = direction(self._neck, self._hips)[2]

    def paint_top(self) -> None:
        """Paints the top's trunk, down to its hem."""
        outfit = self._outfit
        end = min(outfit.top_end, 0.9) if self._top_is_tucked() else outfit.top_end
        levels = np.append(_LEVELS[end - 0.02 > _LEVELS], end)
        hang = outfit.looseness * np.clip((levels - 0.1) / 0.9, 0, 1) + 0.002
        half = self._half_widths(levels) + hang * self._unit
        if outfit.sleeves == "none":
            half[1:3] *= _SLEEVELESS
        texture = self._cloth(
            outfit.top.cloth, 0, sizes.TORSO * (end + 0.1), fold=0.16, hem=not self._top_is_tucked()
        )
        self._paint("top", levels, half, half, texture, _LEVELS[0], end)

    def paint_bottom(self) -> None:
        """Paints the hips of trousers or shorts, or the skirt."""
        if self._outfit.bottom_kind == "skirt":
            self._skirt()
            return
        levels = np.array([0.78, 0.85, 1.0, 1.1, 1.2])
        half = self._half_widths(levels) * np.array([1, 1, 1, 0.98, 0.75])
        texture = self._cloth(self._outfit.bottom.cloth, 70, sizes.TORSO * 0.42, fold=0.06, hem=False)
        self._paint("pelvis", levels, half, half, texture, levels[0], levels[-1])

    def paint_neck(self) -> None:
        """Paints the neck from under the chin."""
        up = self._points[HEAD] - self._neck
        start, end = self._neck + up * 0.02, self._neck + up * 0.62
        radius = 0.027 * self._unit * self._body.build
        light = shading(self._scene, -direction(start, end)[1], 12)[::-1] * 0.86
        texture = lit(np.full((1, 12, 3), self._body.skin, np.uint8), light[None])
        self._sheet.paint(
            PIECE["neck"], limb(start, end, (radius * 1.1, radius)), texture, start, end, radius
        )

    def paint_collar(self) -> None:
        """Paints the skin in the neckline, seen from the front."""
        facing = np.cos(self._pose.yaw)
        if facing < 0.2:
            return
        aside = np.array([0.0, 0.03 * np.sin(self._pose.yaw) * self._unit])
        start = self._neck + aside - (0.02 * self._unit, 0)
        depth = 0.022 if self._outfit.sleeves == "long" else 0.034
        end = self._neck + aside * 1.6 + (depth * self._unit, 0)
        radii = tuple(radius * self._unit * self._body.build for radius in (0.031, 0.03, 0.012))
        outline = limb(start, end, tuple(radius * (0.4 + 0.6 * facing) for radius in radii))
        self._sheet.fill(PIECE["neck"], outline, shade(self._body.skin, 0.9))

    def _skirt(self) -> None:
        """A cone from the waist over both thighs; it hangs down, and its hem swings with the legs."""
        outfit, unit = self._outfit, self._unit
        waist, length = 0.72, outfit.bottom_end * sizes.THIGH * unit
        hem = np.stack([self._leg_point(side, outfit.bottom_end) for side in ("right", "left")])
        drop = max(float(hem[:, 0].mean() - self._hips[0]), 0.55 * length)
        bottom = np.array([self._hips[0] + drop, 0.6 * self._hips[1] + 0.4 * hem[:, 1].mean()])
        reach = (0.05 if outfit.bottom_end < 1 else 0.042) * self._body.build * unit
        flare = outfit.flare * unit
        left = max(bottom[1] - hem[:, 1].min(), 0) + reach + flare
        right = max(hem[:, 1].max() - bottom[1], 0) + reach + flare
        top = self._neck + (self._hips - self._neck) * waist
        start_half, hip_half = self._half_widths(np.array([waist, 1.0])) + 0.004 * unit
        hip_level = (1 - waist) * self._torso / max(np.hypot(*(bottom - top)), 1.0)
        levels = np.array([0.0, hip_level, (1 + hip_level) / 2, 1.0])
        sides = [
            np.array([start_half, hip_half, max(0.55 * edge + 0.45 * hip_half, 0.9 * hip_half), edge])
            for edge in (left, right)
        ]
        outline = trunk(top, bottom, levels, *sides)
        # The hem's waves: three dips between its two corners, which stand in the middle of the outline.
        corner = len(levels)
        wave = np.linspace(0, 1, 13)[1:-1, None]
        between = outline[corner - 1] * (1 - wave) + outline[corner] * wave
        between[:, 0] += unit * (0.008 * np.sin(wave[:, 0] * np.pi) + 0.004 * np.sin(wave[:, 0] * 7 * np.pi))
        outline = np.concatenate([outline[:corner], between, outline[corner:]])
        rows = sizes.TORSO * (1 - waist) + outfit.bottom_end * sizes.THIGH
        texture = self._cloth(outfit.bottom.cloth, 10, rows, fold=0.3, hem=True)
        below = bottom + np.array([0.01 * unit, 0.0])
        self._sheet.paint(PIECE["skirt"], outline, texture, top, below, max(left, right))

    def _leg_point(self, side: str, place: float) -> np.ndarray:
        hip = JOINT[f"{side}_hip"]
        first = hip + (place > 1)
        share = place - (place > 1)
        return self._points[first] * (1 - share) + self._points[first + 1] * share

    def _top_is_tucked(self) -> bool:
        return self._outfit.bottom_kind == "skirt" and self._outfit.top_end < _TUCKED

    def _half_widths(self, levels: np.ndarray) -> np.ndarray:
        """Half-widths of the trunk's rings as seen from the camera, sheet pixels."""
        broad = self._body.shoulder_half / _SHOULDER_LEVEL
        share = np.clip(1 - levels / 0.5, 0, 1)
        width = np.interp(levels, _LEVELS, _WIDTHS) * (broad * share + self._body.build * (1 - share))
        depth = np.interp(levels, _LEVELS, _DEPTHS) * self._body.build
        half = np.hypot(width * np.cos(self._pose.yaw), depth * np.sin(self._pose.yaw)) * self._unit
        # Annotated hips may lie further apart than a doll's.
        return np.maximum(half, np.where(levels > 0.7, self._hip_half + 0.036 * self._unit, 0))

    def _cloth(self, cloth: np.ndarray, first_row: int, length: float, fold: float, hem: bool) -> np.ndarray:
        """The trunk's visible side of a cloth, with folds and light."""
        yaw = self._pose.yaw
        # An elliptic trunk shows the angle asin(x) - turn, with the ellipse's axes in place of a circle's.
        turn = np.arctan2(0.066 * np.sin(yaw), 0.097 * np.cos(yaw))
        rows = texels(length)
        texture = wrap(cloth, CLOTH_WIDTH, first_row, rows, _COLUMNS, turn)
        place = np.linspace(0, 1, rows)[:, None]
        angle = np.arcsin((np.arange(_COLUMNS) + 0.5) / _COLUMNS * 2 - 1) - turn
        crease = 1 - fold * place * (0.5 + 0.5 * np.sin(angle * 6 + place * 1.5)) ** 2
        if hem:
            crease[-3:] *= 0.82
        light = shading(self._scene, direction(self._neck, self._hips)[1], _COLUMNS)
        return lit(texture, light * crease)

    def _paint(
        self,
        name: str,
        levels: np.ndarray,
        left: np.ndarray,
        right: np.ndarray,
        texture: np.ndarray,
        first: float,
        last: float,
    ) -> None:
        outline = trunk(self._neck, self._hips, levels, left, right)
        axis = self._hips - self._neck
        start, end = self._neck + axis * first, self._neck + axis * last
        self._sheet.paint(PIECE[name], outline, texture, start, end, float(max(left.max(), right.max())))
