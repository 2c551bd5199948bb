"""Clothing texture transfer: the garments of one person on another (the paper's Figure 6).

H_A draws person A, `source`, on the label map of person B, `target`: H_A(I_A, S_A, p_A; S_B, p_B). The paper
shows that picture as it is, all of it A's. With chosen labels, ours, it is taken inside their regions of S_B
alone; all other pixels are B's own.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence

import numpy as np
import tensorflow as tf

from spt_tf import anatomy
from spt_tf.applications.person_picture import Painter, PersonPicture, drawn_on, moved
from spt_tf.applications.relight import relit_garments
from spt_tf.data.facing import facing
from spt_tf.models.conditioning import labels_to_parsing

GARMENTS = tuple(anatomy.LABEL[name] for name in ("upper_clothes", "pants", "skirt"))


class NotWorn(ValueError):
    """A chosen label that one of the two people does not have; says who and which."""


def labels_from(names: str) -> tuple[int, ...]:
    """`upper_clothes,pants` -> label numbers. Raises ValueError naming a word that is no label."""
    words = [word.strip() for word in names.split(",") if word.strip()]
    strangers = [word for word in words if word not in anatomy.LABEL or not anatomy.LABEL[word]]
    if strangers or not words:
        known = ", ".join(anatomy.LABELS[1:])
        raise ValueError(f"labels: expected some of {known}; found '{strangers[0] if strangers else names}'")
    return tuple(sorted({anatomy.LABEL[word] for word in words}))


def worn(parsing: np.ndarray, among: Sequence[int] = GARMENTS) -> tuple[int, ...]:
    """Those labels, garments by default, that a label map `[H,W]` has."""
    return tuple(label for label in among if (parsing == label).any())


def shared_garments(source: PersonPicture, target: PersonPicture) -> tuple[int, ...]:
    """Garments that both people wear. Raises NotWorn where there are none."""
    both = tuple(label for label in worn(source.parsing) if label in worn(target.parsing))
    if not both:
        sets = (
            ", ".join(anatomy.LABELS[label] for label in worn(person.parsing)) or "nothing"
            for person in (source, target)
        )
        raise NotWorn("the two wear no garment of the same kind: the source {}, the target {}".format(*sets))
    return both


def check_worn(source: PersonPicture, target: PersonPicture, labels: Collection[int]) -> None:
    """Raises NotWorn where the source has nothing to give, or the target no place for it."""
    for label in labels:
        name = anatomy.LABELS[label]
        if not (source.parsing == label).any():
            raise NotWorn(f"the source wears no {name}: there is nothing to copy")
        if not (target.parsing == label).any():
            raise NotWorn(f"the target wears no {name}: there is no place for the source's")


def views_differ(source: PersonPicture, target_keypoints: np.ndarray) -> bool:
    """Whether one is seen from the front and the other from behind: what is hidden has to be invented."""
    sides = facing(np.stack([source.keypoints, target_keypoints]))
    return bool(sides[0] * sides[1] < 0)


def transfer_texture(
    painter: Painter,
    source: PersonPicture,
    target: PersonPicture,
    labels: Collection[int] | None = None,
    target_keypoints: np.ndarray | None = None,
    relight: bool = True,
) -> PersonPicture:
    """The source's garments on the target person.

    Args:
        painter: a finished run, or a served model.
        source: who wears the garments (A).
        target: who puts them on (B).
        labels: of `anatomy.LABELS`, which to take; outside them every pixel is B's. None: the paper's
            form, all of A on B's label map.
        target_keypoints: a pose `[18,2]` for B; None: B's own, with B's own pixels and label map.
        relight: show chosen labels in B's light (`relight.relit_garments`, ours); False: as H_A draws them.

    Returns:
        one person on B's label map, in B's pose or the new one.

    Raises:
        NotWorn: a label that one of them lacks. ValueError: as `data.given_people.as_batch`.
    """
    if labels is not None:
        check_worn(source, target, labels)
    place = target if target_keypoints is None else moved(painter, target, target_keypoints)
    drawn = drawn_on(painter, source, place.parsing, place.keypoints)
    if labels is None:
        return drawn
    image = _relit(drawn.image, place, source) if relight else drawn.image
    inside = np.isin(place.parsing, list(labels))
    return place._replace(image=np.where(inside[..., np.newaxis], image, place.image))


def _relit(drawn: np.ndarray, place: PersonPicture, source: PersonPicture) -> np.ndarray:
    batch = [
        tf.cast(picture, tf.float32)[tf.newaxis]
        if picture.ndim == 3
        else labels_to_parsing(picture)[tf.newaxis]
        for picture in (drawn, place.image, place.parsing, source.image, source.parsing)
    ]
    return np.rint(relit_garments(*batch)[0]).astype(np.uint8)
