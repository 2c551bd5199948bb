"""What only paper dolls have: the true picture of B in A's garments, in other clothes, in every pose."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np

from spt_tf.anatomy import LABEL
from spt_tf.applications.parsing_edits.edits import Edits
from spt_tf.applications.person_picture import PersonPicture
from spt_tf.applications.texture_transfer import NotWorn, shared_garments, views_differ
from spt_tf.paper_dolls.doll_pose import DollPose
from spt_tf.paper_dolls.people import Doll, sample_test_person
from spt_tf.paper_dolls.wardrobe import Garment

_DIFFERENT_COLOURS = 24  # mean difference over red, green and blue from which two plain garments differ


class Exchange(NamedTuple):
    """A wears garments that B puts on.

    labels: which, worn by both. differ: for each label, whether A's and B's look different at all.
    truth: B in A's garments, as drawn. turned: one is seen from the front and the other from behind.
    again: another picture of A, in another pose.
    """

    a: PersonPicture
    b: PersonPicture
    labels: tuple[int, ...]
    differ: tuple[bool, ...]
    truth: PersonPicture
    turned: bool
    again: PersonPicture


class EditCase(NamedTuple):
    """A person, an edit, and the person as it should look then, drawn."""

    name: str
    person: PersonPicture
    edits: Edits
    truth: PersonPicture


class Movement(NamedTuple):
    """A doll that moves.

    truth: its pictures, one a frame. person: the picture that frames are generated from.
    poses: float32 `[T,18,2]`, as they are annotated: in whole pixels, hidden joints missing.
    """

    person: PersonPicture
    poses: np.ndarray
    truth: list[PersonPicture]


def exchanges(seed: int, count: int, canvas: tuple[int, int]) -> Iterator[Exchange]:
    """Pairs of test dolls 2k and 2k+1 that wear some garment of a kind; the others are passed over."""
    for number in range(count):
        dolls = [sample_test_person(seed, 2 * number + place, canvas) for place in (0, 1)]
        (a, again), (b, _) = (_pictures(doll) for doll in dolls)
        try:
            labels = shared_garments(a, b)
        except NotWorn:
            continue
        givers = [_garment(dolls[0], label) for label in labels]
        wearers = [_garment(dolls[1], label) for label in labels]
        outfit = dolls[1].outfit
        for label, giver in zip(labels, givers):
            is_top = label == LABEL["upper_clothes"]
            outfit = outfit._replace(top=giver) if is_top else outfit._replace(bottom=giver)
        truth = _pictures(dolls[1]._replace(outfit=outfit))[0]
        differ = tuple(_look_different(giver, wearer) for giver, wearer in zip(givers, wearers))
        yield Exchange(a, b, labels, differ, truth, views_differ(a, b.keypoints), again)


def edit_cases(seed: int, count: int, canvas: tuple[int, int]) -> Iterator[EditCase]:
    """Every edit that changes something of each of the first test dolls."""
    for number in range(count):
        doll = sample_test_person(seed, number, canvas)
        doll = doll._replace(poses=doll.poses[:1])
        person = _pictures(doll)[0]
        for name, edits, changed in _changes(doll):
            yield EditCase(name, person, edits, _pictures(changed)[0])


def movements(seed: int, count: int, frames: int, canvas: tuple[int, int]) -> Iterator[Movement]:
    """Test dolls that go from one of their poses to the other and half the way back, easing in and out."""
    number = made = 0
    while made < count:
        doll = sample_test_person(seed, number, canvas)
        number += 1
        first, last = doll.poses
        if first.view != last.view:
            continue  # a flat figure cannot turn round
        made += 1
        shares = 0.5 - 0.5 * np.cos(np.linspace(0, 1.5 * np.pi, frames))
        moving = doll._replace(poses=tuple(_between(first, last, share) for share in shares))
        truth = _pictures(moving)
        yield Movement(truth[0], np.stack([picture.keypoints for picture in truth]), truth)


def _changes(doll: Doll) -> Iterator[tuple[str, Edits, Doll]]:
    outfit, body = doll.outfit, doll.body
    for sleeves in ("none", "short", "long"):
        if sleeves != outfit.sleeves:
            dressed = outfit._replace(sleeves=sleeves, sleeve_end=0.7)
            yield f"sleeves {sleeves}", Edits(sleeves=sleeves), doll._replace(outfit=dressed)
    for kind, hem, flare in (("trousers", 2.0, 0.008), ("shorts", 0.7, 0.011), ("skirt", 1.0, 0.03)):
        if kind != outfit.bottom_kind:
            dressed = outfit._replace(bottom_kind=kind, bottom_end=hem, flare=flare)
            yield f"bottom {kind}", Edits(bottom=kind), doll._replace(outfit=dressed)
    level = 1.2 if outfit.top_end < 1.07 else 0.95
    dressed = outfit._replace(top_end=level)
    yield f"top {'longer' if level > 1 else 'shorter'}", Edits(top_hem=level), doll._replace(outfit=dressed)
    for hair, length in (("short", 0.0), ("long", 0.185)):
        if hair != body.hair_style:
            changed = body._replace(hair_style=hair, hair_length=length)
            yield f"hair {hair}", Edits(hair=hair), doll._replace(body=changed)


def _between(first: DollPose, last: DollPose, share: float) -> DollPose:
    """A pose on the way, every point straight."""

    def mixed(a: np.ndarray | float, b: np.ndarray | float) -> np.ndarray:
        return ((1 - share) * np.asarray(a) + share * np.asarray(b)).astype(np.float32)

    return first._replace(
        points=mixed(first.points, last.points),
        depth=mixed(first.depth, last.depth),
        yaw=float(mixed(first.yaw, last.yaw)),
        head_yaw=float(mixed(first.head_yaw, last.head_yaw)),
        scale=float(mixed(first.scale, last.scale)),
    )


def _pictures(doll: Doll) -> list[PersonPicture]:
    return [PersonPicture(*picture) for picture in doll.pictures()]


def _garment(doll: Doll, label: int) -> Garment:
    return doll.outfit.top if label == LABEL["upper_clothes"] else doll.outfit.bottom


def _look_different(first: Garment, second: Garment) -> bool:
    apart = np.abs(np.subtract(first.colour, second.colour)).mean()
    return first.pattern != second.pattern or bool(apart >= _DIFFERENT_COLOURS)
