"""Dolls drawn with other clothes or hair: what an edited label map should be."""

from __future__ import annotations

import numpy as np

from spt_tf.paper_dolls.people import Doll, sample_test_person

CANVAS = (64, 32)


def dolls(count: int) -> list[Doll]:
    """Test dolls in their first poses."""
    people = (sample_test_person(5, number, CANVAS) for number in range(count))
    return [doll._replace(poses=doll.poses[:1]) for doll in people]


def parsing(doll: Doll) -> np.ndarray:
    return doll.pictures()[0].parsing


def keypoints(doll: Doll) -> np.ndarray:
    return doll.pictures()[0].keypoints


def dressed(doll: Doll, **changes) -> Doll:
    return doll._replace(outfit=doll.outfit._replace(**changes))


def agreement(before: np.ndarray, edited: np.ndarray, truth: np.ndarray) -> float:
    """Of the pixels that the edit or the truth changed, how many are right; nan where none are."""
    changed = (before != truth) | (before != edited)
    return float((edited == truth)[changed].mean()) if changed.any() else float("nan")
