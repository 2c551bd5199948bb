"""Pictures of what was scored: the first cases, and the worst."""

from __future__ import annotations

import pathlib
from collections.abc import Mapping, Sequence

import numpy as np

from spt_tf import visualize

FIRST, WORST = 7, 4  # rows


def write_cases(
    path: pathlib.Path,
    rows: Sequence[Mapping[str, np.ndarray]],
    captions: Sequence[str],
    badness: Sequence[float],
) -> None:
    """A sheet of the first cases and, below them, of the worst: a column for each picture's name.

    badness: a number a row; nan is passed over.
    """
    worst = [
        place for place in np.argsort(-np.nan_to_num(np.asarray(badness), nan=-np.inf)) if place >= FIRST
    ]
    chosen = [*range(min(FIRST, len(rows))), *worst[:WORST]]
    marks = ["" if number < FIRST else "among the worst: " for number in range(len(chosen))]
    sheet = visualize.panel(
        [list(rows[place].values()) for place in chosen],
        [name.replace("_", " ") for name in rows[0]],
        max(1, round(192 / next(iter(rows[0].values())).shape[0])),
        [f"{mark}{captions[place]}" for mark, place in zip(marks, chosen)],
    )
    visualize.write_png(path, sheet)


def write_strips(path: pathlib.Path, videos: Mapping[str, np.ndarray], most: int = 10) -> None:
    """A row for each video uint8 `[T,H,W,3]` of at most so many frames that follow each other."""
    height = next(iter(videos.values())).shape[1]
    rows = [list(video[:most]) for video in videos.values()]
    titles = [f"frame {number}" for number in range(1, len(rows[0]) + 1)]
    names = [name.replace("_", " ") for name in videos]
    visualize.write_png(path, visualize.panel(rows, titles, max(1, round(192 / height)), names))


def side_by_side(videos: Mapping[str, np.ndarray], factor: int) -> list[np.ndarray]:
    """Frames in which videos `[T,H,W,3]` of one length play beside each other, enlarged."""
    together = np.concatenate(list(videos.values()), axis=2)
    return list(together.repeat(factor, axis=1).repeat(factor, axis=2))
