"""The command that compares two folders of pictures value by value."""

from __future__ import annotations

import numpy as np
import pytest
from PIL import Image

from spt_tf.commands import compare_pictures


@pytest.fixture
def folders(tmp_path):
    """Two folders with the same picture."""
    for name in ("expected", "found"):
        (tmp_path / name).mkdir()
        Image.fromarray(np.full((4, 5, 3), 100, np.uint8)).save(tmp_path / name / "a.png")
    return tmp_path / "expected", tmp_path / "found"


def test_equal(folders):
    assert compare_pictures.differences(*folders) == []


def test_one_value_off_by_one(folders):
    changed = np.full((4, 5, 3), 100, np.uint8)
    changed[1, 2, 0] = 99
    Image.fromarray(changed).save(folders[1] / "a.png")
    assert compare_pictures.differences(*folders) == ["a.png: 1.67% of the values, by up to 1"]


def test_other_size_missing_and_nothing(folders):
    expected, found = folders
    Image.fromarray(np.zeros((4, 4, 3), np.uint8)).save(found / "a.png")
    Image.fromarray(np.zeros((4, 4, 3), np.uint8)).save(found / "b.png")
    assert compare_pictures.differences(expected, found) == [
        "a.png: (4, 4, 3) against (4, 5, 3)",
        f"b.png: not in {expected}",
    ]
    with pytest.raises(ValueError, match="no PNG"):
        compare_pictures.differences(expected, found / "nothing")
