"""A region of one label map taken over into another."""

from __future__ import annotations

import numpy as np

from spt_tf.anatomy import LABELS


def with_label_of(parsing: np.ndarray, other: np.ndarray, label: int) -> np.ndarray:
    """A copy of a label map whose region of `label` is another map's.

    Args:
        parsing: `[H,W]`, labels 0..9.
        other: `[H,W]`, the other person's map in this one's pose (`FinishedRun.transform_parsing`).
        label: whose region is taken. What it uncovers gets the other map's labels.

    Raises ValueError where the other map has no such label.
    """
    taken = other == label
    if not taken.any():
        raise ValueError(f"take: the other person has no {LABELS[label]}")
    edited = parsing.copy()
    uncovered = (parsing == label) & ~taken
    edited[uncovered] = other[uncovered]
    edited[taken] = label
    return edited
