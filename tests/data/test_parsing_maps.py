"""Label maps on disk."""

from __future__ import annotations

import numpy as np
import pytest
from PIL import Image

from spt_tf.anatomy import LABEL_COLOURS
from spt_tf.data.file_reading import MissingFile
from spt_tf.data.parsing_maps import (
    ParsingMapError,
    UnknownLabelError,
    find_parsing_map,
    read_parsing_map,
    write_parsing_map,
)

LABELS = np.arange(60, dtype=np.uint8).reshape(10, 6) % 10


def test_a_map_comes_back_as_it_was_written_in_our_colours(tmp_path):
    write_parsing_map(tmp_path / "new" / "a.png", LABELS.astype(np.int64))
    read = read_parsing_map(tmp_path / "new" / "a.png")
    assert read.dtype == np.uint8
    np.testing.assert_array_equal(read, LABELS)
    colours = np.array(Image.open(tmp_path / "new" / "a.png").convert("RGB"))
    np.testing.assert_array_equal(colours, np.array(LABEL_COLOURS)[LABELS])


def test_the_stored_index_is_the_label_whatever_the_palette(tmp_path):
    # Foreign palettes, some with a colour twice; four bits a pixel.
    picture = Image.fromarray(LABELS)
    picture.putpalette([7] * 30)
    picture.save(tmp_path / "a.png", bits=4)
    np.testing.assert_array_equal(read_parsing_map(tmp_path / "a.png"), LABELS)


@pytest.mark.parametrize("dtype", [np.uint8, np.int8, np.int64])
def test_npy_of_any_whole_numbers(tmp_path, dtype):
    np.save(tmp_path / "a.npy", LABELS.astype(dtype))
    read = read_parsing_map(tmp_path / "a.npy")
    assert read.dtype == np.uint8
    np.testing.assert_array_equal(read, LABELS)


def test_a_grey_picture(tmp_path):
    Image.fromarray(LABELS).save(tmp_path / "a.png")
    np.testing.assert_array_equal(read_parsing_map(tmp_path / "a.png"), LABELS)


@pytest.mark.parametrize("label", [10, -1, 256])
def test_unknown_labels(tmp_path, label):
    labels = LABELS.astype(np.int64)
    labels[3, 3] = label
    np.save(tmp_path / "a.npy", labels)
    with pytest.raises(UnknownLabelError, match=rf"a\.npy: label {label},"):
        read_parsing_map(tmp_path / "a.npy")


def test_what_is_no_label_map(tmp_path):
    Image.new("RGB", (6, 10)).save(tmp_path / "colour.png")
    np.save(tmp_path / "float.npy", LABELS.astype(np.float32))
    np.save(tmp_path / "hot.npy", np.zeros((10, 6, 10), np.uint8))
    np.save(tmp_path / "objects.npy", np.array([{}]), allow_pickle=True)
    write_parsing_map(tmp_path / "cut.png", LABELS)
    (tmp_path / "cut.png").write_bytes((tmp_path / "cut.png").read_bytes()[:-25])
    for name in ("text.png", "text.npy"):
        (tmp_path / name).write_text("no picture")
    (tmp_path / "empty.npy").touch()
    for path in sorted(tmp_path.iterdir()):
        with pytest.raises(ParsingMapError, match=path.name):
            read_parsing_map(path)


def test_a_missing_map_is_a_missing_file(tmp_path):
    for name in ("a.png", "a.npy"):
        with pytest.raises(FileNotFoundError):
            read_parsing_map(tmp_path / name)


@pytest.mark.parametrize(
    "labels", [np.full((4, 4), 10), np.full((4, 4), -1), np.zeros((4, 4)), np.zeros((4, 4, 1), int)]
)
def test_what_may_not_be_written(tmp_path, labels):
    with pytest.raises(ValueError, match="expected"):
        write_parsing_map(tmp_path / "a.png", labels)
    assert not list(tmp_path.iterdir())


def test_only_png_is_written(tmp_path):
    with pytest.raises(ValueError, match="png"):
        write_parsing_map(tmp_path / "a.npy", LABELS)


def test_a_map_without_pixels_is_none(tmp_path):
    np.save(tmp_path / "a.npy", np.zeros((0, 0), np.uint8))
    with pytest.raises(ParsingMapError, match=r"a\.npy: expected \[H, W\]"):
        read_parsing_map(tmp_path / "a.npy")


def test_labels_that_another_format_has_blurred_are_refused(tmp_path):
    Image.fromarray(LABELS).save(tmp_path / "a.png", format="JPEG")
    with pytest.raises(ParsingMapError, match=r"a\.png: not a readable PNG"):
        read_parsing_map(tmp_path / "a.png")


def test_two_maps_of_one_person_are_one_too_many(tmp_path):
    np.save(tmp_path / "a.npy", LABELS)
    assert find_parsing_map(tmp_path, "a.jpg") == tmp_path / "a.npy"
    write_parsing_map(tmp_path / "a.png", LABELS)
    with pytest.raises(ParsingMapError, match=r"a\.png: a\.npy is there too"):
        find_parsing_map(tmp_path, "a.jpg")
    with pytest.raises(MissingFile, match=r"b\.png"):
        find_parsing_map(tmp_path, "b.jpg")
