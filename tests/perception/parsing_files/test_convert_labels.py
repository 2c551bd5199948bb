"""Other parsers' labels turned into ours."""

from __future__ import annotations

import numpy as np
import pytest

from spt_tf.anatomy import LABEL, LABELS
from spt_tf.perception.parsing_files.convert_labels import convert_labels
from spt_tf.perception.parsing_files.label_sets import PALETTES

# The label lists as the parsers' own code gives them.
NAMES = {
    "lip": "background hat hair glove sunglasses upper dress coat socks pants jumpsuit scarf skirt face "
    "left_arm right_arm left_leg right_leg left_shoe right_shoe",
    "atr": "background hat hair sunglasses upper skirt pants dress belt left_shoe right_shoe face left_leg "
    "right_leg left_arm right_arm bag scarf",
    "cihp": "background hat hair glove sunglasses upper dress coat socks pants torso_skin scarf skirt face "
    "left_arm right_arm left_leg right_leg left_shoe right_shoe",
}
OURS = {
    "hat": "hair",
    "sunglasses": "face",
    "torso_skin": "face",
    **dict.fromkeys(("upper", "dress", "coat", "jumpsuit", "scarf", "belt"), "upper_clothes"),
    "left_shoe": "left_leg",
    "right_shoe": "right_leg",
    "bag": "background",
}


@pytest.mark.parametrize("palette", sorted(PALETTES))
def test_every_label_with_a_side_or_without_need_of_one(palette):
    names = NAMES[palette].split()
    sided = [label for label, name in enumerate(names) if name not in ("glove", "socks")]
    converted = convert_labels(np.array([sided]), palette)
    expected = [OURS.get(names[label], names[label]) for label in sided]
    assert [LABELS[label] for label in converted[0]] == expected
    assert converted.dtype == np.uint8


@pytest.mark.parametrize("palette", sorted(PALETTES))
def test_no_label_is_forgotten(palette):
    assert len(PALETTES[palette]) == len(NAMES[palette].split())
    assert set(PALETTES[palette]) <= set(LABELS) | {"arm", "leg"}


@pytest.mark.parametrize("palette", ["lip", "cihp"])
@pytest.mark.parametrize(("piece", "limb"), [("glove", "arm"), ("socks", "leg")])
def test_a_glove_or_sock_is_on_the_side_of_the_nearest_limb(palette, piece, limb):
    number = NAMES[palette].split().index
    labels = np.zeros((12, 12), int)
    # Seen from behind: the left limb is left in the picture.
    labels[0:6, 1], labels[0:6, 10] = number(f"left_{limb}"), number(f"right_{limb}")
    labels[6:9, 1:3], labels[6:9, 9:11] = number(piece), number(piece)
    converted = convert_labels(labels, palette)
    assert set(np.unique(converted[6:9, 1:3])) == {LABEL[f"left_{limb}"]}
    assert set(np.unique(converted[6:9, 9:11])) == {LABEL[f"right_{limb}"]}
    # With one limb in sight, both are nearest to it.
    labels[:, 10] = np.where(labels[:, 10] == number(piece), number(piece), 0)
    assert set(np.unique(convert_labels(labels, palette))) == {0, LABEL[f"left_{limb}"]}


def test_gloves_without_arms_are_those_of_a_person_facing_the_camera():
    labels = np.zeros((12, 12), int)
    labels[1:9, 4:8] = 7  # a coat
    labels[7:9, 1:3], labels[7:9, 9:11] = 3, 3
    converted = convert_labels(labels, "lip")
    assert set(np.unique(converted[7:9, 1:3])) == {LABEL["right_arm"]}
    assert set(np.unique(converted[7:9, 9:11])) == {LABEL["left_arm"]}


def test_a_sock_takes_the_side_of_its_shoe():
    labels = np.zeros((12, 12), int)
    labels[6:8, 2], labels[6:8, 9] = 8, 8
    labels[8:10, 2], labels[8:10, 9] = 19, 18
    converted = convert_labels(labels, "lip")
    assert (converted[6:10, 2] == LABEL["right_leg"]).all()
    assert (converted[6:10, 9] == LABEL["left_leg"]).all()


def test_bad_labels_and_palettes():
    with pytest.raises(ValueError, match="unknown palette 'LIP'"):
        convert_labels(np.zeros((2, 2), int), "LIP")
    with pytest.raises(ValueError, match=r"atr has 0\.\.17"):
        convert_labels(np.full((2, 2), 18), "atr")
