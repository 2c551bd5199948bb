"""Which pairs turn round."""

from __future__ import annotations

import numpy as np
import pytest

from spt_tf.data.datasets import load_people
from spt_tf.data.facing import facing
from spt_tf.data.file_reading import UnreadableFile
from spt_tf.evaluation.views import changes_view
from tests.evaluation.doll_house import CANVAS, write_doll_house
from tests.evaluation.sample_pairs import STICK_FIGURE


def test_facing_by_joints():
    front = STICK_FIGURE.copy()
    back = front.copy()
    back[[0, 14, 15]] = -1
    assert facing(np.stack([front, back])).tolist() == [1, 0]  # shoulders still those of a front view
    back[[2, 5]] = back[[5, 2]]
    assert facing(np.stack([front, back, np.full_like(front, -1)])).tolist() == [1, -1, 0]


def test_paper_dolls_say_it_themselves(tmp_path):
    pairs = write_doll_house(tmp_path, 3)
    index = load_people(tmp_path, "test", CANVAS)
    flags, known_from = changes_view(tmp_path, index, pairs)
    assert not flags.any() and "joints" in known_from
    lines = ["name,split,pair_changes_view"]
    lines += [f"{name},test,{int(number == 1)}" for number, pair in enumerate(pairs) for name in pair]
    table = tmp_path / "attributes.csv"
    table.write_text("\n".join(lines))
    flags, known_from = changes_view(tmp_path, index, pairs)
    assert flags.tolist() == [False, True, False] and known_from == "attributes.csv"
    table.write_text("\n".join(lines[:-1]))
    with pytest.raises(ValueError, match="pair_changes_view 0 or 1 for 0003_c1s1_000002_00"):
        changes_view(tmp_path, index, pairs)
    table.write_bytes("\n".join([*lines, "é,test,1"]).encode("latin-1"))
    with pytest.raises(UnreadableFile, match=r"attributes\.csv, row 8: expected UTF-8"):
        changes_view(tmp_path, index, pairs)
