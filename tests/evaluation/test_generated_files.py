"""The literature's file names, and pictures that do not fit."""

from __future__ import annotations

import cv2
import numpy as np
import pytest
import tensorflow as tf
from PIL import Image

from spt_tf.evaluation.generated_files import PairNames, find_generated, stored_images

PAIRS = [("0001_c1.jpg", "0001_c2.jpg"), ("0002_c1.jpg", "0002_c2.jpg"), ("0003_c1.jpg", "0003_c2.jpg")]
CANVAS = (12, 8)


def _write(path, cells=1, grey=200, size=CANVAS):
    picture = np.zeros((size[0], cells * size[1], 3), np.uint8)
    picture[:, -size[1] :] = grey
    path.parent.mkdir(exist_ok=True)
    cv2.imwrite(str(path), picture)


@pytest.mark.parametrize(
    "name",
    [
        "0001_c1_0001_c2.png",
        "0001_c1___0001_c2.jpg",
        "0001_c1.jpg_0001_c2.jpg.png",  # Deformable GAN
        "0001_c1.jpg_0001_c2.jpg",
        "0001_c1.jpg___0001_c2.jpg_vis.png",  # PATN
        "0001_c1.jpg___0001_c2.jpg",
        "0001_c1___0001_c2",  # a CSV's name
    ],
)
def test_the_literatures_names(name):
    assert PairNames(PAIRS).find(name) == PAIRS[0]


def test_names_that_are_nobodys_or_two_pairs():
    names = PairNames([("a", "b_c"), ("a_b", "c")])
    assert names.find("a___b_c.png") == ("a", "b_c") and names.find("a_b___c.png") == ("a_b", "c")
    assert names.find("a_b.png") is None and names.find("_vis.png") is None
    with pytest.raises(ValueError, match=r"a_b_c\.png: could be a > b_c and a_b > c"):
        names.find("a_b_c.png")


def test_images_and_strips_are_read(tmp_path):
    folder = tmp_path / "made"
    for pair, cells, grey in zip(PAIRS, (1, 3, 5), (10, 20, 30)):
        _write(folder / f"{pair[0]}___{pair[1]}.png", cells, grey)
    found = find_generated(folder, PAIRS, CANVAS, PAIRS)
    assert list(found.files) == PAIRS and not found.missing and not found.unknown and not found.unusable
    names = np.array(PAIRS)
    batch = {"source_name": tf.constant(names[:, 0]), "target_name": tf.constant(names[:, 1])}
    made = stored_images(found.files, CANVAS)(batch)
    assert made.parsing is None and made.image.dtype == tf.uint8
    np.testing.assert_array_equal(
        made.image, np.broadcast_to(np.array([10, 20, 30])[:, None, None, None], (3, *CANVAS, 3))
    )


def test_what_does_not_fit_is_named(tmp_path):
    folder = tmp_path / "made"
    _write(folder / "0001_c1_0001_c2.png", cells=2)
    _write(folder / "0009_c1_0009_c2.png")
    (folder / "notes.txt").write_text("not a picture")
    found = find_generated(folder, PAIRS, CANVAS, PAIRS[:2])
    assert not found.files and found.missing == [PAIRS[1]] and found.unknown == ["0009_c1_0009_c2.png"]
    assert "12x16, expected 12x8" in found.unusable["0001_c1_0001_c2.png"]
    message = found.summary(folder)
    assert "1 pairs without an image: 0002_c1.jpg > 0002_c2.jpg" in message and "0009_c1" in message
    (folder / "0001_c1_0001_c2.png").write_bytes(b"torn")
    Image.fromarray(np.full(CANVAS, 300, np.uint16)).save(folder / "0003_c1_0003_c2.png")
    assert "8 bits a channel" in find_generated(folder, PAIRS, CANVAS, PAIRS).unusable["0003_c1_0003_c2.png"]
    assert "cannot identify" in find_generated(folder, PAIRS, CANVAS, PAIRS).unusable["0001_c1_0001_c2.png"]
    _write(folder / "0002_c1_0002_c2.png")
    _write(folder / "0002_c1___0002_c2.png")
    with pytest.raises(
        ValueError, match=r"0002_c1_0002_c2\.png .*are of one pair|0002_c1___0002_c2\.png and"
    ):
        find_generated(folder, PAIRS, CANVAS, PAIRS)
    with pytest.raises(ValueError, match="nowhere: not a folder"):
        find_generated(tmp_path / "nowhere", PAIRS, CANVAS, PAIRS)
