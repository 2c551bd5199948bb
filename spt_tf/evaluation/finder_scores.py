"""How well people's parsings and joints are found in images whose own are known."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import NamedTuple

import numpy as np

from spt_tf.anatomy import NUM_LABELS
from spt_tf.config.perception import PerceptionConfig, PerceptionRun
from spt_tf.data.datasets import load_people
from spt_tf.data.people_index import PeopleIndex
from spt_tf.evaluation import pixels
from spt_tf.evaluation.metrics.pckh import joint_hits
from spt_tf.models.perception import PerceptionModel
from spt_tf.perception.drawn_people import draw_held_out
from spt_tf.perception.finder import Found, PersonFinder

_TORSO = (2, 11), (5, 8)  # its diagonals: right shoulder to left hip, left shoulder to right hip
_ONE_SIDE = (0, 1, 2, 3, 4, 5, 6, 6, 7, 7)  # labels with arms made one, and legs
_BATCH_SIZE = 16


class Truth(NamedTuple):
    """People as they are: uint8 images `[N,H,W,3]` and labels `[N,H,W]`, float32 keypoints `[N,18,2]`."""

    images: np.ndarray
    parsings: np.ndarray
    keypoints: np.ndarray


class FinderScores(NamedTuple):
    """What was counted of N people.

    confusion: int64 `[N,10,10]`, pixels by (true, found) label. hits, wanted: bool `[N,18]` of PCKh at half a
    head, of the likeliest places; hits_told: of those joints that were told to be there. torso_hits,
    torso_wanted: of PCK at a fifth of the torso's diameter. missing, told_missing: bool `[N,18]`.
    """

    confusion: np.ndarray
    hits: np.ndarray
    wanted: np.ndarray
    hits_told: np.ndarray
    torso_hits: np.ndarray
    torso_wanted: np.ndarray
    missing: np.ndarray
    told_missing: np.ndarray

    def numbers(self) -> dict[str, float]:
        """The numbers of all people together; one that is not defined is absent.

        miou: of all pixels, labels that occur. miou_sides_merged: with arms one label, and legs: the gap is
        left and right taken for each other. pckh, pckh_told, pck_torso: shares of joints that are present.
        missing_precision, missing_recall: of joints told to be missing, and of missing joints.
        """
        total = self.confusion.sum(axis=0)
        right = self.missing & self.told_missing
        shares = {
            "pckh": (self.hits, self.wanted),
            "pckh_told": (self.hits_told, self.wanted),
            "pck_torso": (self.torso_hits, self.torso_wanted),
            "missing_precision": (right, self.told_missing),
            "missing_recall": (right, self.missing),
        }
        return {
            "miou": float(pixels.mean_iou(total)),
            "miou_sides_merged": float(pixels.mean_iou(sides_merged(total))),
            **{name: float(a.sum() / b.sum()) for name, (a, b) in shares.items() if b.any()},
        }


def score(truth: Truth, found: Found) -> FinderScores:
    """Counts of people and what was found of them, as arrays."""
    places, told = found.places, found.keypoints
    hits, wanted = joint_hits(truth.keypoints, places)
    torso_hits, torso_wanted = _torso_hits(truth.keypoints, places)
    return FinderScores(
        pixels.confusion(truth.parsings, found.parsing),
        hits,
        wanted,
        joint_hits(truth.keypoints, told)[0],
        torso_hits,
        torso_wanted,
        (truth.keypoints < 0).any(axis=-1),
        (told < 0).any(axis=-1),
    )


def sides_merged(confusion: np.ndarray) -> np.ndarray:
    """`[10,10]` counts with arms as one label, and legs: two labels of the result do not occur."""
    merge = np.eye(NUM_LABELS, dtype=confusion.dtype)[list(_ONE_SIDE)]
    return merge.T @ confusion @ merge


def _torso_hits(target: np.ndarray, places: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    present = (target >= 0).all(axis=-1)  # [N, 18]
    lengths = [np.linalg.norm(target[:, a] - target[:, b], axis=-1) for a, b in _TORSO]
    known = [present[:, a] & present[:, b] for a, b in _TORSO]
    diameter = np.max(np.where(known, lengths, 0.0), axis=0)
    wanted = present & (diameter > 0)[:, None]
    distance = np.linalg.norm(target - places, axis=-1)
    return wanted & (distance < 0.2 * diameter[:, None]), wanted


def people_of(index: PeopleIndex, limit: int = 0) -> Truth:
    """The first `limit` people of an index (0: all), as arrays."""
    places = range(min(limit, len(index)) if limit else len(index))
    return Truth(
        np.stack([index.image(place) for place in places]),
        np.stack([index.parsing(place) for place in places]),
        index.keypoints[: len(places)],
    )


def batches_of(truth: Truth) -> Iterator[Truth]:
    """The same people, a few at a time."""
    for start in range(0, len(truth.images), _BATCH_SIZE):
        yield Truth(*(array[start : start + _BATCH_SIZE] for array in truth))


def find_in(finder: PersonFinder, truth: Truth) -> Found:
    """What a finder finds in the images, as arrays."""
    parts = [finder.find(batch.images) for batch in batches_of(truth)]
    return Found(*(np.concatenate([np.asarray(one) for one in field]) for field in zip(*parts)))


def held_out_scores(
    config: PerceptionConfig, run: PerceptionRun
) -> Callable[[PerceptionModel], dict[str, float]]:
    """Scores of held-out people while a finder trains: `FinderScores.numbers`.

    The people are those in test/ of the data directory, or without one, paper dolls that are never learned
    from; as many as `run.validation_limit` says. Raises DatasetError.
    """
    if config.people.data_dir:
        index = load_people(config.people.data_dir, "test", config.canvas)
        truth = people_of(index, run.validation_limit)
    else:
        truth = Truth(*draw_held_out(config.people.seed, run.validation_limit or _BATCH_SIZE, config.canvas))
    finders: dict[str, PersonFinder] = {}

    def validate(model: PerceptionModel) -> dict[str, float]:
        finder = finders.setdefault("finder", PersonFinder(config, model.finder, 0))  # traced once
        return score(truth, find_in(finder, truth)).numbers()

    return validate
