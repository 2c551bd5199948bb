"""Folders as parsers leave them, turned into ours."""

from __future__ import annotations

import numpy as np
import pytest
from PIL import Image

from spt_tf.data.parsing_maps import read_parsing_map
from spt_tf.perception.parsing_files.convert_directory import convert_directory


def test_a_folder_is_converted_and_unreadable_maps_are_told_of(tmp_path):
    source, target = tmp_path / "lip", tmp_path / "ours"
    source.mkdir()
    np.save(source / "a.npy", np.array([[0, 1, 13, 19]]))
    np.save(source / "b.npy", np.array([[20]]))
    (source / "c.png").write_text("no picture")
    (source / "notes.txt").write_text("passed over")
    done = convert_directory(source, target, "lip")
    assert done.written == 1
    assert ["b.npy: label 20" in done.problems[0], "c.png" in done.problems[1]] == [True, True]
    assert [path.name for path in target.iterdir()] == ["a.png"]
    np.testing.assert_array_equal(read_parsing_map(target / "a.png"), [[0, 2, 1, 9]])


def test_two_maps_of_one_stem_are_both_left_out_and_no_map_overwrites_another(tmp_path):
    source, target = tmp_path / "lip", tmp_path / "ours"
    source.mkdir()
    for name in ("a.npy", "b.npy", "d.npy"):
        np.save(source / name, np.array([[0, 1, 13, 19]]))
    np.save(source / "c.npy", np.zeros((0, 0), int))
    Image.fromarray(np.zeros((1, 4), np.uint8)).save(source / "a.png")
    (target / "d.png").mkdir(parents=True)
    done = convert_directory(source, target, "lip")
    assert done.written == 1 and read_parsing_map(target / "b.png").any()
    assert [problem.rpartition(":")[2] for problem in done.problems[:2]] == [
        " a.npy is there too; keep one of them"
    ] * 2
    assert "c.npy" in done.problems[2] and "d.png" in done.problems[3]


def test_folders_that_cannot_be_converted(tmp_path):
    with pytest.raises(ValueError, match="different folders"):
        convert_directory(tmp_path, tmp_path / "." / "", "lip")
    with pytest.raises(ValueError, match=r"no \.png or \.npy"):
        convert_directory(tmp_path, tmp_path / "out", "lip")
    with pytest.raises(ValueError, match="unknown palette"):
        convert_directory(tmp_path, tmp_path / "out", "voc")
    with pytest.raises(FileNotFoundError, match="no such folder"):
        convert_directory(tmp_path / "none", tmp_path / "out", "lip")
