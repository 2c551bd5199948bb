"""What the page asks for, drawn: a person in a pose, on an edited map, in somebody else's clothes.

Each wish begins with the person moved into the pose by H_S and H_A. An edited map is drawn on from there, so
that what was not touched stays; borrowed clothes come last.
"""

from __future__ import annotations

import collections
import hashlib
import threading
from collections.abc import Iterator
from typing import NamedTuple

import numpy as np

from spt_tf import anatomy
from spt_tf.applications.parsing_edits.edits import draw_edited
from spt_tf.applications.parsing_edits.take_label import with_label_of
from spt_tf.applications.person_picture import PersonPicture, drawn_on, moved
from spt_tf.applications.texture_transfer import check_worn, transfer_texture, views_differ
from spt_tf.studio.model import StudioModel

_REMEMBERED = 8  # people in poses: while a map is painted, its person is not moved again for each stroke


class Clothes(NamedTuple):
    """What is borrowed.

    donor: whose. labels: which, of `anatomy.LABELS`. shape: whether the donor's map comes with them.
    back: whether the donor is drawn in the person's clothes, too.
    """

    donor: PersonPicture
    labels: tuple[int, ...]
    shape: bool
    back: bool = True


class Wish(NamedTuple):
    """A picture to draw.

    pose: float32 `[18,2]`. parsing: uint8 `[H,W]` of one's own, or None for the predicted one.
    """

    person: PersonPicture
    pose: np.ndarray
    parsing: np.ndarray | None = None
    clothes: Clothes | None = None


class Granted(NamedTuple):
    """The person as wished; and the donor in the person's clothes, where there is one.

    remarks: what to know about the picture, sentences.
    """

    person: PersonPicture
    donor: PersonPicture | None
    remarks: tuple[str, ...]


class Artist:
    """Draws wishes with one model; threads may share it."""

    def __init__(self, model: StudioModel):
        self._model = model
        self._moved: collections.OrderedDict[bytes, PersonPicture] = collections.OrderedDict()
        self._lock = threading.Lock()

    def draw(self, wish: Wish) -> Granted:
        """Raises ValueError for what cannot be drawn, a sentence for the person at the page; ModelError."""
        start = self._in_pose(wish.person, wish.pose, wish.parsing)
        edited, clothes = wish.parsing, wish.clothes
        if clothes is not None and clothes.shape:
            edited = start.parsing if edited is None else edited
            theirs = self._in_pose(clothes.donor, wish.pose, None).parsing
            for label in clothes.labels:
                edited = with_label_of(edited, theirs, label)
        drawn = start
        if edited is not None and (edited != start.parsing).any():
            drawn = draw_edited(self._model, start, edited)
        if clothes is None:
            return Granted(drawn, None, ())
        return self._dressed(wish.person, drawn, clothes)

    def frames(
        self, person: PersonPicture, poses: np.ndarray, clothes: Clothes | None
    ) -> Iterator[np.ndarray]:
        """The person in poses `[T,18,2]` that follow each other: uint8 `[H,W,3]` each. Raises as `draw`."""
        if not self._model.predicts_parsing:
            raise ValueError("this model predicts no map, and a sequence needs one for every pose")
        if clothes is None:
            yield from self._model.frames(person, poses)
            return
        for pose in poses:
            yield self.draw(Wish(person, pose, None, clothes._replace(back=False))).person.image

    def _dressed(self, person: PersonPicture, drawn: PersonPicture, clothes: Clothes) -> Granted:
        donor = clothes.donor
        dressed = transfer_texture(self._model, donor, drawn, clothes.labels)
        remarks = []
        if views_differ(donor, drawn.keypoints):
            remarks.append("One is seen from the front, the other from behind: what is hidden is invented.")
        if not clothes.back:
            return Granted(dressed, None, tuple(remarks))
        back = None
        try:
            check_worn(person, donor, clothes.labels)
            back = transfer_texture(self._model, person, donor, clothes.labels)
        except ValueError:  # NotWorn: nothing to give back
            remarks.append("The other way nothing of the kind is worn.")
        return Granted(dressed, back, tuple(remarks))

    def _in_pose(self, person: PersonPicture, pose: np.ndarray, parsing: np.ndarray | None) -> PersonPicture:
        """The person moved; by a model that predicts no map, drawn on the given or their own one."""
        if not self._model.predicts_parsing:
            return drawn_on(self._model, person, person.parsing if parsing is None else parsing, pose)
        key = hashlib.sha256(b"".join(np.ascontiguousarray(a).tobytes() for a in (*person, pose))).digest()
        with self._lock:
            known = self._moved.get(key)
        if known is None:
            known = moved(self._model, person, pose)
        with self._lock:
            self._moved[key] = known
            self._moved.move_to_end(key)
            while len(self._moved) > _REMEMBERED:
                self._moved.popitem(last=False)
        return known


def warm_up(model: StudioModel) -> None:
    """Asks once for everything, so that the first picture does not wait for the making of graphs."""
    canvas = model.canvas
    places = np.linspace(0.1, 0.9, anatomy.NUM_JOINTS)[:, np.newaxis] * np.array(canvas)
    nobody = PersonPicture(
        np.zeros((*canvas, 3), np.uint8), np.zeros(canvas, np.uint8), places.astype(np.float32)
    )
    if model.predicts_parsing:
        moved(model, nobody, nobody.keypoints)
    drawn_on(model, nobody, nobody.parsing, nobody.keypoints)
