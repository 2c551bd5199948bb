"""Arms and legs with their sleeves, trouser legs and shoes."""

from __future__ import annotations

from functools import lru_cache

import numpy as np

from spt_tf.anatomy import JOINT
from spt_tf.paper_dolls import body as sizes
from spt_tf.paper_dolls.doll_pose import LEFT_HAND, LEFT_TOE, RIGHT_HAND, RIGHT_TOE
from spt_tf.paper_dolls.outlines import direction, limb
from spt_tf.paper_dolls.parts import PIECE
from spt_tf.paper_dolls.placed_doll import PlacedDoll
from spt_tf.paper_dolls.textures import lit, shading, texels, wrap

# Radii along the limb, body heights.
UPPER_ARM_RADII = (0.026, 0.0255, 0.022)
FOREARM_RADII = (0.0215, 0.0215, 0.0145)
THIGH_RADII = (0.046, 0.044, 0.032)
CALF_RADII = (0.03, 0.0335, 0.026, 0.019)
_COLUMNS = 24
_SMOOTH = np.ones((1, 1))  # no creases
_SMOOTH_SHOE = np.ones((4, 1))


class LimbPainter:
    """Paints one doll's limbs."""

    def __init__(self, doll: PlacedDoll):
        self._sheet, self._body, self._outfit, self._pose, self._scene, self._points, self._unit = doll
        self._skin = np.full((1, _COLUMNS, 3), doll.body.skin, np.uint8)
        self._shoe = np.full((4, _COLUMNS, 3), doll.outfit.shoes, np.uint8)
        self._shoe[3] = np.minimum(np.asarray(doll.outfit.shoes) * 0.5 + 100, 255)

    def depth(self, side: str, piece: str) -> float:
        """Mean depth of a "upper_arm", "forearm" or "leg", body heights towards the camera."""
        first = JOINT[f"{side}_hip" if piece == "leg" else f"{side}_shoulder"] + (piece == "forearm")
        weights = (0.3, 0.7)
        return float(self._pose.depth[first : first + 2] @ weights)

    def paint_arm(self, side: str, piece: str) -> None:
        """Paints an "upper_arm" with its sleeve, or a "forearm" with hand and sleeve."""
        shoulder = JOINT[f"{side}_shoulder"]
        first = shoulder + (piece == "forearm")
        start, end = self._points[first], self._points[first + 1]
        sleeves, cloth = self._outfit.sleeves, self._outfit.top.cloth
        hang = 1.12 + 12 * self._outfit.looseness
        if piece == "forearm":
            self._hand(side)
            if sleeves == "long":
                radii = tuple(radius * hang for radius in (0.0222, 0.0222, 0.0172))
                self._dressed(f"{side}_cuff", start, end, radii, cloth, sizes.FOREARM, side)
            else:
                self._bare(f"{side}_forearm", start, end, FOREARM_RADII)
            return
        # The shoulder joint lies inside the shoulder: the arm's outline starts lower, inside.
        inward = self._points[JOINT["neck"]] - start
        inside = start + inward * 0.09 + np.array([0.011 * self._unit, 0.0])
        if sleeves == "long":
            radii = (0.0275, 0.0275 * hang, 0.0235 * hang)
            self._dressed(f"{side}_sleeve", inside, end, radii, cloth, sizes.UPPER_ARM, side)
            return
        self._bare(f"{side}_upper_arm", inside, end, UPPER_ARM_RADII)
        if sleeves == "short":
            covered = self._outfit.sleeve_end
            hem = inside + (end - inside) * covered
            radii = (0.0275, 0.0265 * hang, 0.027 * hang)
            self._dressed(
                f"{side}_sleeve", inside, hem, radii, cloth, sizes.UPPER_ARM * covered, side, hem=True
            )

    def paint_leg(self, side: str) -> None:
        """Paints shoe, calf and thigh, bare or in trousers or shorts."""
        hip = JOINT[f"{side}_hip"]
        top, knee, ankle = self._points[hip], self._points[hip + 1], self._points[hip + 2]
        outfit = self._outfit
        dressed = outfit.bottom_kind == "trousers"
        self._foot(side, ankle)
        pieces = ("calf", "thigh") if self._pose.depth[hip + 2] < self._pose.depth[hip] else ("thigh", "calf")
        for piece in pieces:
            start, end = (knee, ankle) if piece == "calf" else (top, knee)
            if dressed:
                self._trouser_leg(side, piece, start, end)
            else:
                self._bare(f"{side}_{piece}", start, end, CALF_RADII if piece == "calf" else THIGH_RADII)
        if outfit.bottom_kind == "shorts":
            hem = top + (knee - top) * outfit.bottom_end
            radii = (0.05, 0.049 + outfit.flare, 0.043 + outfit.flare)
            length = sizes.THIGH * outfit.bottom_end
            self._dressed(
                f"{side}_trouser_thigh", top, hem, radii, outfit.bottom.cloth, length, side, hem=True
            )

    def _trouser_leg(self, side: str, piece: str, start: np.ndarray, end: np.ndarray) -> None:
        flare, cloth = self._outfit.flare, self._outfit.bottom.cloth
        radii: tuple[float, ...]
        if piece == "thigh":
            radii = (0.05, 0.046 + flare * 0.5, 0.0345 + flare * 0.7)
            self._dressed(f"{side}_trouser_thigh", start, end, radii, cloth, sizes.THIGH, side)
            return
        radii = (0.0345 + flare * 0.7, 0.034 + flare, 0.03 + flare, 0.0265 + flare * 1.2)
        hem = end + (end - start) * 0.05
        self._dressed(f"{side}_trouser_calf", start, hem, radii, cloth, sizes.CALF, side, hem=True)

    def _bare(self, name: str, start: np.ndarray, end: np.ndarray, radii: tuple[float, ...]) -> None:
        self._strip(name, start, end, radii, self._skin, _SMOOTH)

    def _strip(
        self,
        name: str,
        start: np.ndarray,
        end: np.ndarray,
        radii: tuple[float, ...],
        texture: np.ndarray,
        creases: np.ndarray,
        round_end: bool = True,
    ) -> None:
        radii = tuple(radius * self._unit * self._body.build for radius in radii)
        light = shading(self._scene, direction(start, end)[1], texture.shape[1]) * creases
        outline = limb(start, end, radii, round_end)
        self._sheet.paint(PIECE[name], outline, lit(texture, light), start, end, max(radii))

    def _dressed(
        self,
        name: str,
        start: np.ndarray,
        end: np.ndarray,
        radii: tuple[float, ...],
        cloth: np.ndarray,
        length: float,
        side: str,
        hem: bool = False,
    ) -> None:
        """Covers a limb of the given true length (body heights) with cloth, which foreshortens with it."""
        rows, around = texels(length), texels(2 * np.pi * max(radii))
        offset = 60 if side == "left" else -60  # cut from the cloth's sides, beside any print
        texture = wrap(cloth, around, 30, rows, _COLUMNS, self._pose.yaw, offset)
        self._strip(name, start, end, radii, texture, _creases(rows, hem), round_end=not hem)

    def _hand(self, side: str) -> None:
        wrist = self._points[JOINT[f"{side}_wrist"]]
        tip = self._points[RIGHT_HAND if side == "right" else LEFT_HAND]
        palm = wrist + (tip - wrist) * 0.85
        self._strip(f"{side}_hand", wrist, palm, (0.014, 0.0205, 0.012), self._skin, _SMOOTH)

    def _foot(self, side: str, ankle: np.ndarray) -> None:
        toe = self._points[RIGHT_TOE if side == "right" else LEFT_TOE]
        heel = ankle + np.array([0.02 * self._unit, 0.0])
        back, tip = heel - (toe - ankle) * 0.16, heel + (toe - ankle) * 0.82
        self._strip(f"{side}_shoe", back, tip, (0.0225, 0.024, 0.019), self._shoe, _SMOOTH_SHOE)


@lru_cache(maxsize=256)
def _creases(rows: int, hem: bool) -> np.ndarray:
    """Light and dark `[rows, _COLUMNS]` of folds that deepen towards the end, and of a hem's shadow line."""
    place = np.linspace(0, 1, rows)[:, None]
    columns = np.arange(_COLUMNS) / _COLUMNS
    creases: np.ndarray = 1 - (0.12 if hem else 0.06) * place * np.sin(columns * 11 + place * 5) ** 2
    if hem:
        creases[-2:] *= 0.84
    return creases
