"""One doll where it is to be painted: what the painters of its pieces look at."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from spt_tf.paper_dolls.backgrounds import Scene
from spt_tf.paper_dolls.body import Body
from spt_tf.paper_dolls.doll_pose import DollPose
from spt_tf.paper_dolls.sheet import Sheet
from spt_tf.paper_dolls.wardrobe import Outfit


class PlacedDoll(NamedTuple):
    """points: float `[23,2]` (y, x) sheet pixels; unit: sheet pixels per body height."""

    sheet: Sheet
    body: Body
    outfit: Outfit
    pose: DollPose
    scene: Scene
    points: np.ndarray
    unit: float
