"""Paints a whole doll: its pieces back to front, in the order of their depth."""

from __future__ import annotations

import numpy as np

from spt_tf.anatomy import JOINT
from spt_tf.paper_dolls.backgrounds import Scene
from spt_tf.paper_dolls.body import Body
from spt_tf.paper_dolls.doll_pose import HEAD, DollPose
from spt_tf.paper_dolls.head import paint_bun, paint_head, paint_long_hair
from spt_tf.paper_dolls.limbs import LimbPainter
from spt_tf.paper_dolls.parts import SIDES
from spt_tf.paper_dolls.placed_doll import PlacedDoll
from spt_tf.paper_dolls.sheet import Sheet
from spt_tf.paper_dolls.trunk import TrunkPainter
from spt_tf.paper_dolls.wardrobe import Outfit

_BEHIND = -0.025  # an arm's piece deeper than this (body heights) is painted before the trunk


def paint_figure(sheet: Sheet, body: Body, outfit: Outfit, pose: DollPose, scene: Scene) -> None:
    """Paints one person on the sheet, whose picture is the background."""
    points = pose.points.astype(np.float64) * sheet.factor + sheet.factor // 2
    unit = pose.scale * sheet.factor
    doll = PlacedDoll(sheet, body, outfit, pose, scene, points, unit)
    limbs, trunk = LimbPainter(doll), TrunkPainter(doll)
    from_behind = np.cos(pose.yaw) < 0
    arms = [(limbs.depth(side, piece), side, piece) for side in SIDES for piece in ("upper_arm", "forearm")]
    arms.sort()
    for depth, side, piece in arms:
        if depth < _BEHIND:
            limbs.paint_arm(side, piece)
    head = _Head(doll)
    if not from_behind:
        head.paint_behind()
    for side in sorted(SIDES, key=lambda side: limbs.depth(side, "leg")):
        limbs.paint_leg(side)
    trunk.paint_bottom()
    if from_behind:
        trunk.paint_neck()
        trunk.paint_top()
    else:
        trunk.paint_top()
        trunk.paint_neck()
        trunk.paint_collar()
    if from_behind:
        head.paint()
        head.paint_behind()
    else:
        head.paint()
    for depth, side, piece in arms:
        if depth >= _BEHIND:
            limbs.paint_arm(side, piece)


class _Head:
    def __init__(self, doll: PlacedDoll):
        self._fixed = (doll.sheet, doll.body, doll.scene, doll.points[HEAD])
        self._yaw, self._unit = doll.pose.head_yaw, doll.unit
        up = doll.points[HEAD] - doll.points[JOINT["neck"]]
        self._up = up / max(np.hypot(*up), 1e-6)
        # Half the neck's lean: people hold their heads upright.
        self._roll = 0.5 * float(np.arctan2(self._up[1], -self._up[0]))

    def paint(self) -> None:
        paint_head(*self._fixed, self._roll, self._yaw, self._unit)

    def paint_behind(self) -> None:
        paint_long_hair(*self._fixed, self._roll, self._yaw, self._unit)
        paint_bun(*self._fixed, self._up, self._yaw, self._unit)
