"""Parsing edits against dolls drawn in the other clothes, beside what each half of the method does alone."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from spt_tf.applications.parsing_edits.edits import draw_edited, near_change
from spt_tf.applications.parsing_edits.fill import filled_photo
from spt_tf.applications.person_picture import Painter, PersonPicture
from spt_tf.evaluation import protocols
from spt_tf.evaluation.applications.drawn_truth import EditCase
from spt_tf.evaluation.applications.texture_scores import Parser

# (person, edited map) -> the picture, uint8 `[H,W,3]`.
Draw = Callable[[PersonPicture, np.ndarray], np.ndarray]
MEANINGS = {
    "seen": "share of edited pixels that the image parser sees as the edited map has them",
    "ssim": "SSIM to the drawn truth, protocol spt",
    "mask_ssim": "mask-SSIM to it",
    "near": "mean absolute difference to it where the drawn maps differ, 0..255",
    "kept": "largest difference to the photo far from any edited pixel, 0..255",
}


def draws(painter: Painter) -> dict[str, Draw]:
    """What is scored, by name."""
    return {
        "edited": lambda person, edited: draw_edited(painter, person, edited).image,
        "drawn_from_fill": lambda person, edited: draw_edited(painter, person, edited, drawn_share=1.0).image,
        "without_fill": lambda person, edited: draw_edited(painter, person, edited, fill=False).image,
        "fill_alone": lambda person, edited: filled_photo(*person, edited),
        "photo_unchanged": lambda person, edited: person.image,
    }


def score_edit(
    case: EditCase, edited: np.ndarray, image: np.ndarray, parser: Parser | None
) -> dict[str, float]:
    """The numbers of MEANINGS; nan where the edit changes nothing."""
    changed = case.person.parsing != edited
    pair = case.truth.image[np.newaxis], image[np.newaxis]
    far = ~near_change(case.person.parsing, edited)
    difference = np.abs(image.astype(int) - case.truth.image)
    return {
        "seen": _share((parser(image) == edited)[changed]) if parser else float("nan"),
        "ssim": float(protocols.ssim(*pair)[0]),
        "mask_ssim": float(protocols.mask_ssim(*pair, case.person.keypoints[np.newaxis])[0]),
        "near": _share(difference[case.person.parsing != case.truth.parsing]),
        "kept": float(np.abs(image.astype(int) - case.person.image)[far].max(initial=0)),
    }


def ceiling(case: EditCase, parser: Parser | None) -> float:
    """Share of the truth's changed pixels that the parser sees in the drawn picture itself."""
    if parser is None:
        return float("nan")
    found = parser(case.truth.image)
    return _share((found == case.truth.parsing)[case.person.parsing != case.truth.parsing])


def map_agreement(case: EditCase, edited: np.ndarray) -> float:
    """Of the pixels that the edit or the drawing changed, the share in which both maps agree."""
    before, truth = case.person.parsing, case.truth.parsing
    return _share((edited == truth)[(before != truth) | (before != edited)])


def _share(values: np.ndarray) -> float:
    return float(values.mean()) if values.size else float("nan")
