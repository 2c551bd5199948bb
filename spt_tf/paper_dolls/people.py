"""Who stands in which picture: a person of the data set, as a pure function of (seed, split, number)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from spt_tf.paper_dolls.backgrounds import Scene, sample_scene
from spt_tf.paper_dolls.body import Body, sample_body
from spt_tf.paper_dolls.chance import pick, pick_by_odds
from spt_tf.paper_dolls.doll_pose import DollPose
from spt_tf.paper_dolls.kinematics import sample_pitch, sample_pose, sample_yaw
from spt_tf.paper_dolls.renderer import DollImage, render
from spt_tf.paper_dolls.wardrobe import Outfit, sample_outfit

_TRAIN, _TEST = 0, 1
_VIEW_ODDS = {"front": 0.45, "back": 0.33, "side": 0.22}
_CHANGE_EVERY = 3  # one test pair in this many turns from front to back or from back to front


class Doll(NamedTuple):
    """What a person's pictures are drawn from, one in each pose.

    Another outfit, body or pose in its place gives the true answer to "what if": `doll._replace(...)`.
    """

    body: Body
    outfit: Outfit
    scene: Scene
    poses: tuple[DollPose, ...]

    def pictures(self) -> list[DollImage]:
        """Draws the person in each pose."""
        return [render(self.body, self.outfit, pose, self.scene) for pose in self.poses]


class DrawnDoll(NamedTuple):
    """A picture and what is known of it; attributes are a row of attributes.csv without name and split."""

    picture: DollImage
    attributes: dict[str, str]


ATTRIBUTES = (
    "view",
    "yaw_degrees",
    "sleeves",
    "bottom",
    "top_pattern",
    "bottom_pattern",
    "top_colour",
    "top_second_colour",
    "bottom_colour",
    "hair_style",
    "skin_colour",
    "pair_changes_view",
)


def draw_training_person(
    seed: int, number: int, canvas: tuple[int, int], pose: DollPose | None = None
) -> DrawnDoll:
    """Draws training person `number`, in the given pose or in one from the kinematic model."""
    rng = np.random.default_rng([seed, _TRAIN, number])
    view = pick_by_odds(rng, _VIEW_ODDS)
    return _drawn(_sample(rng, [view], canvas, None if pose is None else [pose]), "")[0]


def draw_test_person(seed: int, number: int, canvas: tuple[int, int]) -> tuple[DrawnDoll, DrawnDoll]:
    """Draws test person `number` twice, before one background in one light: source and true target.

    Every third person turns from front to back or from back to front; the others keep their view.
    """
    first, second = _drawn(sample_test_person(seed, number, canvas), str(int(number % _CHANGE_EVERY == 0)))
    return first, second


def sample_test_person(seed: int, number: int, canvas: tuple[int, int]) -> Doll:
    """What `draw_test_person` draws test person `number` from, with two poses."""
    rng = np.random.default_rng([seed, _TEST, number])
    if number % _CHANGE_EVERY == 0:
        views = ["front", "back"] if rng.random() < 0.5 else ["back", "front"]
    else:
        views = [pick_by_odds(rng, _VIEW_ODDS)] * 2
    return _sample(rng, views, canvas, None)


def draw_training_pair(seed: int, number: int, canvas: tuple[int, int]) -> tuple[DrawnDoll, DrawnDoll]:
    """Draws training person `number` as `draw_training_person` does, and once more in another pose.

    A pair is one as `draw_test_person` draws them, but that a person in profile stays so.
    """
    rng = np.random.default_rng([seed, _TRAIN, number])
    view = pick_by_odds(rng, _VIEW_ODDS)
    other = {"front": "back", "back": "front"}.get(view) if number % _CHANGE_EVERY == 0 else None
    doll = _sample(rng, [view], canvas, None, again=[other or view])
    first, second = _drawn(doll, str(int(other is not None)))
    return first, second


def _sample(
    rng: np.random.Generator,
    views: Sequence[str],
    canvas: tuple[int, int],
    poses: Sequence[DollPose] | None,
    again: Sequence[str] = (),
) -> Doll:
    """A person in some views, and then `again` in others without a change to the first."""
    body, outfit, scene = sample_body(rng), sample_outfit(rng), sample_scene(rng, canvas)
    side = 1 if rng.random() < 0.5 else -1

    def turn(view: str) -> int:
        # In profile a person keeps facing the same edge; else each image has its own turn.
        return side if view == "side" else pick(rng, (-1, 1))

    if poses is None:
        sides = [turn(view) for view in views]
        pitch = sample_pitch(rng)
        yaws = [sample_yaw(rng, view, side) for view, side in zip(views, sides)]
        poses = [sample_pose(rng, body, yaw, pitch, canvas) for yaw in yaws]
        for view in again:
            poses.append(sample_pose(rng, body, sample_yaw(rng, view, turn(view)), pitch, canvas))
    return Doll(body, outfit, scene, tuple(poses))


def _drawn(doll: Doll, changes_view: str) -> list[DrawnDoll]:
    body, outfit = doll.body, doll.outfit
    drawn = []
    for pose, picture in zip(doll.poses, doll.pictures()):
        attributes = {
            "view": pose.view,
            "yaw_degrees": f"{np.degrees(pose.yaw):.1f}",
            "sleeves": outfit.sleeves,
            "bottom": outfit.bottom_kind,
            "top_pattern": outfit.top.pattern,
            "bottom_pattern": outfit.bottom.pattern,
            "top_colour": _hex(outfit.top.colour),
            "top_second_colour": _hex(outfit.top.second),
            "bottom_colour": _hex(outfit.bottom.colour),
            "hair_style": body.hair_style,
            "skin_colour": _hex(body.skin),
            "pair_changes_view": changes_view,
        }
        drawn.append(DrawnDoll(picture, attributes))
    return drawn


def _hex(colour: tuple[int, int, int]) -> str:
    return "#{:02x}{:02x}{:02x}".format(*colour)
