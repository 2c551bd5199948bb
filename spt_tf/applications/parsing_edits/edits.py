"""Controlled manipulation: a label map edited, and the person drawn on it (the paper's Figure 7)."""

from __future__ import annotations

from typing import NamedTuple

import cv2
import numpy as np

from spt_tf.anatomy import LABEL
from spt_tf.applications.parsing_edits.bottoms import HEMS, with_bottom
from spt_tf.applications.parsing_edits.fill import filled_photo
from spt_tf.applications.parsing_edits.hair import HAIR, with_hair
from spt_tf.applications.parsing_edits.sleeves import SLEEVES, with_sleeves
from spt_tf.applications.parsing_edits.top_hem import with_top_hem
from spt_tf.applications.person_picture import Painter, PersonPicture, drawn_on

DRAWN_SHARE = 1 / 3  # by dolls of another seed than those reported on; a half and a quarter do as well
_MARGIN = 1 / 64  # of the canvas's height, about changed pixels


class Edits(NamedTuple):
    """What to change of a person's label map; None leaves it as it is. Applied in this order.

    bottom: a key of HEMS: trousers, shorts or skirt.
    hem: where the bottom ends, 0 at the hips, 1 at the knees, 2 at the ankles.
    top_hem: where the top ends, 0 at the shoulders, 1 at the hips.
    sleeves: a key of SLEEVES: none, short or long.
    hair: a key of HAIR: short, bob or long.
    """

    bottom: str | None = None
    hem: float | None = None
    top_hem: float | None = None
    sleeves: str | None = None
    hair: str | None = None


def check_edits(edits: Edits) -> None:
    """Raises ValueError naming an edit that is none, or a hem that lies nowhere on a person."""
    for name, known in (("bottom", HEMS), ("sleeves", SLEEVES), ("hair", HAIR)):
        value = getattr(edits, name)
        if value is not None and value not in known:
            raise ValueError(f"{name}: expected {', '.join(known)}; found {value!r}")
    for name, highest in (("hem", 2.2), ("top_hem", 3.0)):
        value = getattr(edits, name)
        if value is not None and not 0 < value <= highest:
            raise ValueError(f"{name}: expected a number over 0, at most {highest:g}; found {value:g}")


def edit_parsing(parsing: np.ndarray, keypoints: np.ndarray, edits: Edits) -> np.ndarray:
    """A copy of a label map `[H,W]` with the edits, placed by the keypoints `[18,2]`: uint8 `[H,W]`.

    Raises ValueError as `check_edits`; CannotPlace, which is one, where the joints for it are not seen.
    """
    check_edits(edits)
    edited = np.array(parsing, np.uint8)
    if edits.bottom is not None or edits.hem is not None:
        edited = with_bottom(edited, keypoints, edits.bottom or _bottom_worn(parsing), edits.hem)
    if edits.top_hem is not None:
        edited = with_top_hem(edited, keypoints, edits.top_hem)
    if edits.sleeves is not None:
        edited = with_sleeves(edited, keypoints, edits.sleeves)
    if edits.hair is not None:
        edited = with_hair(edited, keypoints, edits.hair)
    return edited


def draw_edited(
    painter: Painter,
    person: PersonPicture,
    edited: np.ndarray,
    keep_unchanged: bool = True,
    fill: bool = True,
    drawn_share: float = DRAWN_SHARE,
) -> PersonPicture:
    """The person drawn on an edited map of the same pose.

    Args:
        painter: a finished run, or a served model.
        edited: uint8 `[H,W]`, labels 0..9.
        keep_unchanged: pixels further than a 64th of the height from any changed label stay the photo's.
        fill: repaint the photo by the edited map first (`fill.filled_photo`, ours). The paper's form is
            without: H_A(I, S, p; edited S, p).
        drawn_share: of H_A's picture of the repainted photo in the result, the rest being that photo itself:
            each of the two errs in a way of its own.

    Raises ValueError: as `data.given_people.as_batch`.
    """
    source = person
    if fill:
        source = PersonPicture(filled_photo(*person, edited), edited, person.keypoints)
    drawn = drawn_on(painter, source, edited, person.keypoints)
    if fill:
        mixed = drawn_share * drawn.image + (1 - drawn_share) * source.image
        drawn = drawn._replace(image=np.rint(mixed).astype(np.uint8))
    if not keep_unchanged:
        return drawn
    near = near_change(person.parsing, edited)
    return drawn._replace(image=np.where(near[..., np.newaxis], drawn.image, person.image))


def near_change(parsing: np.ndarray, edited: np.ndarray) -> np.ndarray:
    """bool `[H,W]`: pixels whose label differs between two maps `[H,W]`, and those near them."""
    reach = max(1, round(_MARGIN * parsing.shape[0]))
    square = np.ones((2 * reach + 1, 2 * reach + 1), np.uint8)
    return cv2.dilate((parsing != edited).astype(np.uint8), square) > 0


def _bottom_worn(parsing: np.ndarray) -> str:
    skirt, pants = ((parsing == LABEL[name]).sum() for name in ("skirt", "pants"))
    return "skirt" if skirt > pants else "trousers"
