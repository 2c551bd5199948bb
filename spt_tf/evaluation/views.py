"""Pairs whose person turns round: the hardest, since one image hides what the other shows."""

from __future__ import annotations

import os
import pathlib
from collections.abc import Sequence

import numpy as np

from spt_tf.data.facing import facing
from spt_tf.data.file_reading import read_table
from spt_tf.data.people_index import PeopleIndex


def changes_view(
    data_dir: str | os.PathLike, index: PeopleIndex, pairs: Sequence[tuple[str, str]]
) -> tuple[np.ndarray, str]:
    """Tells which pairs go from face to back of the head or the other way.

    Paper dolls say so themselves in the column pair_changes_view of `attributes.csv`; elsewhere the joints
    must do.

    Returns:
        bool, one a pair; and in words where the knowledge comes from.

    Raises:
        ValueError: for a table that cannot be read, lacks the column or one of the pairs' people.
    """
    table = pathlib.Path(data_dir) / "attributes.csv"
    if not table.is_file():
        sides = facing(index.keypoints)
        places = np.array([[index.positions[name] for name in pair] for pair in pairs], int).reshape(-1, 2)
        return sides[places[:, 0]] * sides[places[:, 1]] < 0, "face joints and shoulders"
    flags = {row["name"]: row["pair_changes_view"] for row in read_table(table, "name", "pair_changes_view")}
    for name in {target for _, target in pairs}:
        if flags.get(name) not in ("0", "1"):
            raise ValueError(
                f"{table}: expected pair_changes_view 0 or 1 for {name}, found {flags.get(name)!r}"
            )
    return np.array([flags[target] == "1" for _, target in pairs], bool), "attributes.csv"
