"""Texture transfer against the drawn truth, beside what needs no learning."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
import tensorflow as tf

from spt_tf.applications.person_picture import Painter, PersonPicture
from spt_tf.applications.texture_transfer import transfer_texture
from spt_tf.evaluation import pixels, protocols
from spt_tf.evaluation.applications.drawn_truth import Exchange
from spt_tf.evaluation.applications.regions import (
    RegionTextures,
    colour_distance,
    mean_colour,
    seam,
    texture_distance,
)
from spt_tf.evaluation.baselines import warped_source

# (A, B, labels) -> the picture of B in A's garments, uint8 `[H,W,3]`.
Transfer = Callable[[PersonPicture, PersonPicture, Sequence[int]], np.ndarray]
# An image uint8 `[H,W,3]` -> the labels seen in it, `[H,W]`.
Parser = Callable[[np.ndarray], np.ndarray]
MEANINGS = {
    "texture": "Gram distance of the garments to A's, lower is better",
    "colour": "mean colour of the garments to A's, 0..255, lower is better",
    "nearer_a": "share of garments that differ and come nearer to A's than to B's own, in texture and colour",
    "ssim": "SSIM to the drawn truth, protocol spt",
    "mask_ssim": "mask-SSIM to it",
    "inside": "mean absolute difference to it inside the garments, 0..255",
    "outside": "largest difference to B outside the garments, 0..255",
    "seam": "mean step across the garments' borders, 0..255; as the truth's is best",
    "iou": "IoU of the garments as the image parser sees them with B's map",
}


def transfers(painter: Painter) -> dict[str, Transfer]:
    """What is scored, by name; `truth` and `b_unchanged` are bounds and not listed here."""
    return {
        "transferred": lambda a, b, labels: transfer_texture(painter, a, b, labels).image,
        "as_drawn": lambda a, b, labels: transfer_texture(painter, a, b, labels, relight=False).image,
        "colour_shift": shifted_colours,
        "part_warped": part_warped,
    }


def shifted_colours(a: PersonPicture, b: PersonPicture, labels: Sequence[int]) -> np.ndarray:
    """B's own garments, their mean colours moved to A's."""
    image = b.image.astype(np.float64)
    for label in labels:
        theirs, own = (mean_colour(person.image, person.parsing == label) for person in (a, b))
        image[b.parsing == label] += theirs - own
    return np.clip(np.rint(image), 0, 255).astype(np.uint8)


def part_warped(a: PersonPicture, b: PersonPicture, labels: Sequence[int]) -> np.ndarray:
    """A's picture moved part by part into B's pose, inside the garments' regions."""
    batch = {
        "source_image": a.image,
        "source_parsing": a.parsing,
        "source_keypoints": a.keypoints,
        "target_keypoints": b.keypoints,
    }
    moved = warped_source({name: tf.constant(array)[tf.newaxis] for name, array in batch.items()})
    inside = np.isin(b.parsing, list(labels))[..., np.newaxis]
    return np.where(inside, moved.image[0].numpy(), b.image)


class ExchangeJudge:
    """Scores pictures of one exchange."""

    def __init__(self, case: Exchange, textures: RegionTextures, parser: Parser | None):
        self._case, self._textures, self._parser = case, textures, parser
        self._a, self._b = (textures(one.image, one.parsing, case.labels) for one in (case.a, case.b))

    def __call__(self, image: np.ndarray) -> dict[str, float]:
        """The numbers of MEANINGS of one picture; nan where one has no meaning for this pair."""
        case = self._case
        made = self._textures(image, case.b.parsing, case.labels)
        to_a, to_b = (
            [(texture_distance(*pair), colour_distance(*pair)) for pair in zip(made, looks)]
            for looks in (self._a, self._b)
        )
        nearer = [
            near[0] < far[0] and near[1] < far[1]
            for near, far, differ in zip(to_a, to_b, case.differ)
            if differ
        ]
        inside = np.isin(case.b.parsing, case.labels)
        pair = case.truth.image[np.newaxis], image[np.newaxis]
        texture, colour = np.mean(to_a, axis=0)
        return {
            "texture": float(texture),
            "colour": float(colour),
            "nearer_a": float(np.mean(nearer)) if nearer else float("nan"),
            "ssim": float(protocols.ssim(*pair)[0]),
            "mask_ssim": float(protocols.mask_ssim(*pair, case.b.keypoints[np.newaxis])[0]),
            "inside": float(np.abs(image.astype(int) - case.truth.image)[inside].mean()),
            "outside": float(np.abs(image.astype(int) - case.b.image)[~inside].max(initial=0)),
            "seam": seam(image, inside),
            "iou": _garment_iou(case, self._parser(image)) if self._parser else float("nan"),
        }


def round_trip(transfer: Transfer, case: Exchange) -> float:
    """A's garments onto B, and from there back onto A: the mean absolute difference to A inside them."""
    dressed = case.b._replace(image=transfer(case.a, case.b, case.labels))
    back = transfer(dressed, case.a, case.labels)
    return _inside_difference(back, case.a, case.labels)


def from_oneself(transfer: Transfer, case: Exchange) -> tuple[float, float]:
    """The difference to A inside the garments when they come from A: this picture, and another one of A."""
    again = [label for label in case.labels if (case.again.parsing == label).any()]
    made = transfer(case.a, case.a, case.labels), transfer(case.again, case.a, again)
    return _inside_difference(made[0], case.a, case.labels), _inside_difference(made[1], case.a, again)


def _inside_difference(image: np.ndarray, person: PersonPicture, labels: Sequence[int]) -> float:
    inside = np.isin(person.parsing, list(labels))
    return float(np.abs(image.astype(int) - person.image)[inside].mean()) if inside.any() else float("nan")


def _garment_iou(case: Exchange, found: np.ndarray) -> float:
    overlap, union = pixels.overlap_and_union(pixels.confusion(case.b.parsing[None], found[None]))
    labels = list(case.labels)
    return float(np.mean(overlap[0, labels] / np.maximum(union[0, labels], 1)))
