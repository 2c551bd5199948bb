"""A person as an application takes and gives one; and what an application asks of a model."""

from __future__ import annotations

from typing import NamedTuple, Protocol

import numpy as np

from spt_tf.data.people_index import PeopleIndex
from spt_tf.inference import FinishedRun, Generated, load_finished_run


class PersonPicture(NamedTuple):
    """One person, or a batch of people with the axis B.

    image: uint8 `[H,W,3]` RGB. parsing: uint8 `[H,W]`, labels 0..9.
    keypoints: float32 `[18,2]`, (y, x) in pixels, -1 where missing.
    """

    image: np.ndarray
    parsing: np.ndarray
    keypoints: np.ndarray


class Painter(Protocol):
    """What draws people: a `FinishedRun`, or a served model behind the same two calls."""

    def transfer_pose(
        self,
        image: np.ndarray,
        parsing: np.ndarray,
        keypoints: np.ndarray,
        target_keypoints: np.ndarray,
    ) -> Generated:
        """The person in another pose (see `FinishedRun.transfer_pose`)."""

    def render(
        self,
        image: np.ndarray,
        parsing: np.ndarray,
        keypoints: np.ndarray,
        target_parsing: np.ndarray,
        target_keypoints: np.ndarray,
    ) -> np.ndarray:
        """The person on a given label map (see `FinishedRun.render`)."""


def person_of(index: PeopleIndex, name: str) -> PersonPicture:
    """One person of an index. Raises ValueError, with the reason, for one who is not in it."""
    if name not in index.positions:
        reasons = [
            f"{entry.reason.value} {entry.detail}" for entry in index.report.left_out if entry.name == name
        ]
        raise ValueError(f"{name}: {reasons[0] if reasons else 'not in the annotations'}")
    place = index.positions[name]
    return PersonPicture(index.image(place), index.parsing(place), index.keypoints[place])


def moved(painter: Painter, person: PersonPicture, target_keypoints: np.ndarray) -> PersonPicture:
    """The person in another pose, by H_S and H_A."""
    made = painter.transfer_pose(*person, target_keypoints)
    return PersonPicture(np.asarray(made.image), np.asarray(made.parsing), target_keypoints)


def drawn_on(
    painter: Painter, person: PersonPicture, parsing: np.ndarray, keypoints: np.ndarray
) -> PersonPicture:
    """The person on a label map and in a pose of the caller's, by H_A alone."""
    image = painter.render(*person, parsing, keypoints)
    return PersonPicture(np.asarray(image), parsing, keypoints)


def load_painter(run_dir: str, predicts_parsing: bool = False) -> FinishedRun:
    """A finished run that can draw on label maps and, where asked, move them.

    Raises ValueError for a run without semantics or without H_S; RunNotFound.
    """
    run = load_finished_run(run_dir)
    if not run.config.network.semantics:
        raise ValueError(f"{run_dir}: a run without semantics cannot draw on a label map")
    if predicts_parsing and not run.generator.predicts_parsing:
        raise ValueError(f"{run_dir}: this run has no semantic generator, it cannot move a label map")
    return run
