"""Folders as parsers leave them, turned into ours."""

from __future__ import annotations

import numpy as np
import pytest
from PIL import Image

from spt_tf.data.parsing_maps import read_parsing_map
from spt_tf.perception.parsing_files.colours import _LIP_COLOURS, bit_colours
from spt_tf.perception.parsing_files.convert_directory import convert_directory
from spt_tf.perception.parsing_files.map_poses import MapPose


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


def _png(path, labels, colours=None):
    path.parent.mkdir(parents=True, exist_ok=True)
    picture = np.asarray(labels, np.uint8) if colours is None else np.array(colours, np.uint8)[labels]
    Image.fromarray(picture).save(path)


def _written(folder):
    return {path.name: read_parsing_map(path).tolist() for path in sorted(folder.iterdir())}


LIP = np.array([[0, 2, 13, 5], [9, 14, 15, 19]])
OURS = [[0, 2, 1, 3], [4, 6, 7, 9]]


def test_graphonomy_s_labels_are_the_grey_ones_and_go_by_the_picture_s_name(tmp_path):
    _png(tmp_path / "in" / "a.png", LIP, _LIP_COLOURS)
    _png(tmp_path / "in" / "a_gray.png", LIP)
    _png(tmp_path / "in" / "b_gray.png", LIP)  # a picture of this name
    done = convert_directory(tmp_path / "in", tmp_path / "out", "cihp")
    assert (done.written, done.problems, done.passed_over) == (2, [], 1)
    assert _written(tmp_path / "out") == {"a.png": OURS, "b_gray.png": OURS}


def test_pictures_beside_the_labels_of_cihp_pgn_are_passed_over(tmp_path):
    _png(tmp_path / "in" / "a.png", LIP)
    _png(tmp_path / "in" / "a_vis.png", LIP, _LIP_COLOURS)
    (tmp_path / "in" / "a.mat").write_bytes(b"scores")
    done = convert_directory(tmp_path / "in", tmp_path / "out", "cihp")
    assert (done.written, done.problems, done.passed_over) == (1, [], 1)
    assert _written(tmp_path / "out") == {"a.png": OURS}


def test_schp_s_logits_are_passed_over_beside_a_map_and_read_alone(tmp_path):
    logits = np.random.default_rng(0).normal(size=(2, 4, 20)).astype(np.float32)
    np.put_along_axis(logits, LIP[..., None], 9.0, axis=2)
    _png(tmp_path / "in" / "a.png", np.zeros((2, 4), int))
    np.save(tmp_path / "in" / "a.npy", logits)
    np.save(tmp_path / "in" / "b.npy", logits)
    np.save(tmp_path / "in" / "c.npy", logits.transpose(2, 0, 1))
    done = convert_directory(tmp_path / "in", tmp_path / "out", "lip")
    assert (done.written, done.problems, done.passed_over) == (3, [], 1)
    assert _written(tmp_path / "out") == {"a.png": [[0] * 4] * 2, "b.png": OURS, "c.png": OURS}
    np.save(tmp_path / "in" / "d.npy", logits[..., :18])
    logits[0, 0, 0] = np.nan
    np.save(tmp_path / "in" / "e.npy", logits)
    done = convert_directory(tmp_path / "in", tmp_path / "out", "lip")
    assert "d.npy: scores of shape (2, 4, 18)" in done.problems[0] and "e.npy" in done.problems[1]


def test_schp_leaves_the_point_of_a_jpeg(tmp_path):
    _png(tmp_path / "in" / "a..png", LIP)
    convert_directory(tmp_path / "in", tmp_path / "out", "lip")
    assert _written(tmp_path / "out") == {"a.png": OURS}


def test_sapiens_foreground_and_pictures_are_passed_over(tmp_path):
    labels = np.array([[0, 3, 2, 22], [12, 5, 14, 17]])
    (tmp_path / "in").mkdir()
    np.save(tmp_path / "in" / "a_seg.npy", labels)
    np.save(tmp_path / "in" / "a.npy", labels > 0)
    _png(tmp_path / "in" / "a.png", np.concatenate([labels, labels], axis=1), np.eye(28, 3) * 255)
    done = convert_directory(tmp_path / "in", tmp_path / "out", "sapiens", lower="pants")
    assert (done.written, done.problems, done.passed_over) == (1, [], 2)
    assert _written(tmp_path / "out") == {"a.png": OURS}


def test_deepfashion_multimodal_goes_by_the_picture_s_name(tmp_path):
    _png(tmp_path / "in" / "a_segm.png", [[0, 13, 14, 1], [5, 15, 15, 11]])
    pose = np.full((18, 2), -1.0)
    pose[[3, 4, 6, 7]] = (0, 2), (1, 2), (0, 1), (1, 1)
    pose[[9, 10]] = (0, 3), (1, 3)
    with pytest.raises(ValueError, match=r"does not tell the sides of the limbs: give --annotations"):
        convert_directory(tmp_path / "in", tmp_path / "out", "deepfashion_multimodal")
    done = convert_directory(
        tmp_path / "in", tmp_path / "out", "deepfashion_multimodal", {"a": MapPose(pose)}
    )
    assert (done.written, done.problems) == (1, [])
    assert _written(tmp_path / "out") == {"a.png": OURS}
    done = convert_directory(tmp_path / "in", tmp_path / "out", "deepfashion_multimodal", {})
    assert "no keypoints of a picture 'a'" in done.problems[0]


@pytest.mark.parametrize("code", ["schp", "lip"])
def test_colours_become_labels_again_exactly(tmp_path, code):
    everything = np.arange(20).reshape(4, 5)
    _png(tmp_path / "in" / "a.png", everything, {"schp": bit_colours(20), "lip": _LIP_COLOURS}[code])
    _png(tmp_path / "in" / "b.png", everything)
    convert_directory(tmp_path / "in", tmp_path / "out", "cihp")
    written = _written(tmp_path / "out")
    assert written["a.png"] == written["b.png"]


def test_the_bits_of_schp_s_colours():
    # simple_extractor.py's palette, as PASCAL VOC's devkit has it.
    assert bit_colours(10)[1:5] == ((128, 0, 0), (0, 128, 0), (128, 128, 0), (0, 0, 128))
    assert bit_colours(10)[8:] == ((64, 0, 0), (192, 0, 0))


def test_one_blended_colour_refuses_its_file_and_no_other(tmp_path):
    _png(tmp_path / "in" / "good.png", LIP, _LIP_COLOURS)
    colours = np.array(_LIP_COLOURS, np.uint8)[LIP]
    colours[1, 2] = (51, 170, 220)
    Image.fromarray(colours).save(tmp_path / "in" / "blended.png")
    Image.fromarray(np.concatenate([colours[..., :3], np.full((2, 4, 1), 99, np.uint8)], axis=2)).save(
        tmp_path / "in" / "clear.png"
    )
    done = convert_directory(tmp_path / "in", tmp_path / "out", "lip")
    assert done.written == 1 and len(done.problems) == 2
    assert "blended.png: colour (51, 170, 220) stands for no label (1 such colours, 12.5%" in done.problems[0]
    assert "clear.png: a colour picture that is not opaque" in done.problems[1]
    assert _written(tmp_path / "out") == {"good.png": OURS}


def test_colours_of_two_codes_are_asked_about(tmp_path):
    # (0, 128, 0) is label 2 of SCHP's colours and label 12 of LIP's.
    _png(tmp_path / "in" / "a.png", [[0, 12]], _LIP_COLOURS)
    with pytest.raises(ValueError, match=r"fit schp and lip with different labels: say --colours"):
        convert_directory(tmp_path / "in", tmp_path / "out", "lip")
    for code, label in (("schp", 2), ("lip", 5)):
        convert_directory(tmp_path / "in", tmp_path / "out", "lip", colours=code)
        assert _written(tmp_path / "out") == {"a.png": [[0, label]]}
    # Another picture of the folder settles it.
    _png(tmp_path / "in" / "b.png", [[5]], _LIP_COLOURS)
    convert_directory(tmp_path / "in", tmp_path / "out", "lip")
    assert _written(tmp_path / "out") == {"a.png": [[0, 5]], "b.png": [[3]]}
    with pytest.raises(ValueError, match="none of this label set's: schp"):
        convert_directory(tmp_path / "in", tmp_path / "atr", "atr", colours="lip")


def _people_with_arms(folder, swapped, count=4):
    """ATR maps of people with both arms, and their poses; the first `swapped` have the labels swapped."""
    pose = np.full((18, 2), -1.0)
    pose[[2, 3, 4]], pose[[5, 6, 7]] = [(2, 2), (6, 2), (10, 2)], [(2, 9), (6, 9), (10, 9)]
    for number in range(count):
        labels = np.zeros((12, 12), int)
        arms = (14, 15) if number < swapped else (15, 14)
        labels[2:11, 1:4], labels[2:11, 8:11] = arms
        _png(folder / f"{number}.png", labels)
    return {str(number): MapPose(pose) for number in range(count)}


@pytest.mark.parametrize("swapped", [0, 2, 3, 4])
def test_a_folder_with_arms_on_the_wrong_side_is_warned_of(tmp_path, swapped):
    poses = _people_with_arms(tmp_path / "in", swapped)
    done = convert_directory(tmp_path / "in", tmp_path / "out", "atr", poses)
    if swapped <= 2:
        assert done.warning is None
    else:
        assert f"in {swapped} of 4 maps the left arm lies where" in done.warning
    assert convert_directory(tmp_path / "in", tmp_path / "out", "atr").warning is None


def test_keypoints_of_a_larger_photo_are_brought_to_the_map(tmp_path):
    poses = _people_with_arms(tmp_path / "in", 4)
    large = {
        name: MapPose(np.where(pose.keypoints >= 0, pose.keypoints * 5 + 2, -1), (60, 60))
        for name, pose in poses.items()
    }
    assert convert_directory(tmp_path / "in", tmp_path / "out", "atr", large).warning is not None
    unknown = {name: MapPose(pose.keypoints) for name, pose in large.items()}
    done = convert_directory(tmp_path / "in", tmp_path / "out", "atr", unknown)
    assert done.written == 0 and "the keypoints lie outside its 12x12 pixels" in done.problems[0]


@pytest.mark.parametrize("palette", ["pascal", "modanet"])
def test_what_cannot_be_converted_is_refused_with_the_reason(tmp_path, palette):
    _png(tmp_path / "in" / "a.png", [[0]])
    with pytest.raises(ValueError, match="Use a parser trained on LIP, ATR or CIHP"):
        convert_directory(tmp_path / "in", tmp_path / "out", palette)
    assert not (tmp_path / "out").exists()
