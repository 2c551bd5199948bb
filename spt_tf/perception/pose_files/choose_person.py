"""Which joints count as found, and which of several people is taken: stated rules, no surprises."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from spt_tf.anatomy import MISSING
from spt_tf.perception.pose_files.found_people import FoundPerson, Unit
from spt_tf.perception.pose_files.joint_orders import NECK, SHOULDERS

_CLOSE = 0.8  # of the best person's score: the second comes near
_SOMEBODY = 0.5  # of it: from here on another one is somebody, and not a scrap of the same person


class NobodyChosen(ValueError):
    """Nobody in a picture can be taken; says why."""


@dataclasses.dataclass(frozen=True)
class PoseRules:
    """How pose files are read.

    format: name of a `formats.FORMATS`; by default each file is known by its content.
    keypoint_scale: the unit of the coordinates, whatever the format is known for.
    person: "best" is the highest sum of scores of joints found, the rule of the literature's annotation
        files; "largest" the largest box around them; a number counts the people in the file from 0.
    min_score: from which score a joint is found; by default the format's own.
    min_joints: who has fewer joints is nobody. Four is the literature's (pose-gan, compute_coordinates.py).
    coco_images: COCO annotation file that names the pictures of COCO results.
    """

    format: str | None = None
    keypoint_scale: Unit | None = None
    person: str | int = "best"
    min_score: float | None = None
    min_joints: int = 4
    coco_images: str | None = None


class Chosen(NamedTuple):
    """The person taken.

    keypoints: float32 `[18, 2]`, (y, x) in pixels, -1 where a joint is missing.
    outside, doubtful: how many joints are missing because they lie outside the picture, or have a low score.
    people: how many people there were to choose from.
    second_is_near: whether another one's score, or box, comes to 0.8 of this one's.
    others: keypoints of the other people whose score comes to half of this one's, the best of them first.
    """

    keypoints: np.ndarray
    outside: int
    doubtful: int
    people: int
    second_is_near: bool
    others: tuple[np.ndarray, ...] = ()


class _Candidate(NamedTuple):
    keypoints: np.ndarray
    outside: int
    doubtful: int
    score: float
    area: float

    @property
    def joints(self) -> int:
        return int((self.keypoints >= 0).all(axis=1).sum())


def choose_person(
    people: Sequence[FoundPerson], size: tuple[int, int], rules: PoseRules, min_score: float
) -> Chosen:
    """Takes one of the people in a picture of `size` (height, width), points in its pixels.

    Raises NobodyChosen.
    """
    if not people:
        raise NobodyChosen("nobody was found in it")
    candidates = [_candidate(person, size, min_score) for person in people]
    eligible = candidates
    if isinstance(rules.person, int):
        if rules.person >= len(candidates):
            raise NobodyChosen(f"there is no person {rules.person}: {len(candidates)} found, counted from 0")
        eligible = [candidates[rules.person]]
    able = [candidate for candidate in eligible if candidate.joints >= rules.min_joints]
    if not able:
        most = max(eligible, key=lambda candidate: candidate.joints)
        raise NobodyChosen(
            f"{most.joints} joints found at a score of {min_score:g} or more, {rules.min_joints} are needed "
            f"({most.doubtful} below it, {most.outside} outside the picture)"
        )
    by_area = rules.person == "largest"
    able.sort(key=lambda one: (one.area, one.score) if by_area else (one.score, one.area), reverse=True)
    measure = [one.area if by_area else one.score for one in able]
    best = able[0]
    near = len(able) > 1 and measure[1] >= _CLOSE * measure[0]
    others = tuple(other.keypoints for other in _others(candidates, best, rules.min_joints))
    return Chosen(best.keypoints, best.outside, best.doubtful, len(people), near, others)


def _others(candidates: Sequence[_Candidate], best: _Candidate, min_joints: int) -> list[_Candidate]:
    others = [
        other
        for other in candidates
        if other is not best and other.joints >= min_joints and other.score >= _SOMEBODY * best.score
    ]
    return sorted(others, key=lambda other: other.score, reverse=True)


def _candidate(person: FoundPerson, size: tuple[int, int], min_score: float) -> _Candidate:
    points, scores = person.points.copy(), person.scores.copy()
    found = (scores >= min_score) & (scores > 0)
    doubtful = int(((scores > 0) & ~found).sum())
    if np.isnan(points[NECK]).any() and found[list(SHOULDERS)].all():
        points[NECK] = points[list(SHOULDERS)].mean(axis=0)
        scores[NECK], found[NECK] = scores[list(SHOULDERS)].min(), True
    points = np.round(points, 2)
    # A pixel reaches half a pixel to each side of its middle. NaN, a joint that was not found, lies nowhere.
    inside = (points >= -0.5).all(axis=1) & (points < size).all(axis=1)
    outside = int((found & ~inside).sum())
    taken = found & inside
    keypoints = np.where(taken[:, None], np.maximum(points, 0), MISSING).astype(np.float32)
    box = np.ptp(points[taken], axis=0) if taken.any() else np.zeros(2)
    return _Candidate(keypoints, outside, doubtful, float(scores[taken].sum()), float(box.prod()))
