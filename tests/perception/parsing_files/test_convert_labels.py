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
    "mhp_v1": "background hat hair sunglasses upper skirt pants dress belt left_shoe right_shoe face "
    "left_leg right_leg left_arm right_arm bag scarf torso_skin",
    "deepfashion_multimodal": "background top outer skirt dress pants leggings headwear eyeglass neckwear "
    "belt footwear bag hair face skin ring wrist_wearing socks gloves necklace rompers earrings tie",
    "sapiens": "background apparel face_neck hair left_foot left_hand left_lower_arm left_lower_leg "
    "left_shoe left_sock left_upper_arm left_upper_leg lower_clothing right_foot right_hand "
    "right_lower_arm right_lower_leg right_shoe right_sock right_upper_arm right_upper_leg torso "
    "upper_clothing lower_lip upper_lip lower_teeth upper_teeth tongue",
    "ours": "background face hair upper pants skirt left_arm right_arm left_leg right_leg",
    "adgan": "background pants hair skirt face upper arm leg",
    "pise": "background hat hair upper lower lower skin face",
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
    **dict.fromkeys(
        ("top", "outer", "neckwear", "rompers", "tie", "apparel", "upper_clothing"), "upper_clothes"
    ),
    **dict.fromkeys(("eyeglass", "necklace", "earrings", "face_neck", "torso"), "face"),
    **dict.fromkeys(("lower_lip", "upper_lip", "lower_teeth", "upper_teeth", "tongue"), "face"),
    "headwear": "hair",
    "leggings": "pants",
    "lower_clothing": "skirt",
    "lower": "skirt",
    **{
        f"{side}_{part}": f"{side}_{limb}"
        for side in ("left", "right")
        for limb, parts in {"arm": "hand lower_arm upper_arm", "leg": "foot lower_leg upper_leg sock"}.items()
        for part in parts.split()
    },
}
# Whose side, or limb, is found.
FOUND = ("glove", "gloves", "socks", "ring", "wrist_wearing", "footwear", "skin", "arm", "leg")
FACING = np.full((18, 2), -1.0)  # a person whose right is left in the picture
FACING[[0, 1]] = (2, 20), (6, 20)
FACING[[2, 3, 4]], FACING[[5, 6, 7]] = [(8, 12), (16, 8), (24, 6)], [(8, 28), (16, 32), (24, 34)]
FACING[[8, 9, 10]], FACING[[11, 12, 13]] = [(26, 16), (36, 15), (46, 14)], [(26, 24), (36, 25), (46, 26)]


@pytest.mark.parametrize("palette", sorted(PALETTES))
def test_every_label_with_a_side_or_without_need_of_one(palette):
    names = NAMES[palette].split()
    sided = [label for label, name in enumerate(names) if name not in FOUND]
    converted = convert_labels(np.array([sided]), palette, FACING, "skirt")
    expected = [OURS.get(names[label], names[label]) for label in sided]
    assert [LABELS[label] for label in converted[0]] == expected
    assert converted.dtype == np.uint8


@pytest.mark.parametrize("palette", sorted(PALETTES))
def test_no_label_is_forgotten(palette):
    assert len(PALETTES[palette]) == len(NAMES[palette].split())
    assert set(PALETTES[palette]) <= set(LABELS) | {"arm", "leg", "skin", "lower"}


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


@pytest.mark.parametrize("back", [False, True])
@pytest.mark.parametrize(
    ("palette", "entry", "limb"),
    [
        ("lip", "glove", "arm"),
        ("lip", "socks", "leg"),
        ("deepfashion_multimodal", "gloves", "arm"),
        ("deepfashion_multimodal", "footwear", "leg"),
        ("adgan", "arm", "arm"),
        ("adgan", "leg", "leg"),
    ],
)
def test_with_keypoints_every_pixel_takes_the_side_of_the_nearest_bone(palette, entry, limb, back):
    pose = FACING.copy()
    if back:
        pose[:, 1] = np.where(pose[:, 1] >= 0, 40 - pose[:, 1], -1)
    labels = np.zeros((50, 41), int)
    row = 24 if limb == "arm" else 46
    labels[row, 4:37] = NAMES[palette].split().index(entry)  # one patch over both sides
    converted = convert_labels(labels, palette, pose)[row]
    left, right = LABEL[f"left_{limb}"], LABEL[f"right_{limb}"]
    expected = np.where(np.arange(41) > 20, *((right, left) if back else (left, right)))
    inside = np.r_[4:20, 21:37]  # the very middle is as near to one side as to the other
    np.testing.assert_array_equal(converted[inside], expected[inside])


def test_skin_is_of_the_limb_or_face_whose_bone_is_nearest():
    skin = NAMES["deepfashion_multimodal"].split().index("skin")
    labels = np.zeros((50, 41), int)
    places = {
        (4, 21): "face",
        (12, 9): "right_arm",
        (26, 35): "left_arm",
        (40, 13): "right_leg",
        (48, 27): "left_leg",
        (27, 23): "left_leg",  # a thigh
    }
    for place in places:
        labels[place] = skin
    converted = convert_labels(labels, "deepfashion_multimodal", FACING)
    assert {place: LABELS[converted[place]] for place in places} == places
    assert (converted > 0).sum() == len(places)
    # A limb whose joints are missing takes no skin.
    armless = FACING.copy()
    armless[[5, 6, 7]] = -1
    assert LABELS[convert_labels(labels, "deepfashion_multimodal", armless)[26, 35]] != "left_arm"
    with pytest.raises(ValueError, match="no joint is known"):
        convert_labels(labels, "deepfashion_multimodal", np.full((18, 2), -1.0))


@pytest.mark.parametrize("palette", ["deepfashion_multimodal", "adgan", "pise"])
def test_sets_without_sides_need_keypoints(palette):
    with pytest.raises(ValueError, match=f"{palette} needs keypoints"):
        convert_labels(np.zeros((2, 2), int), palette)


def test_what_is_worn_below_is_said_or_guessed():
    with pytest.raises(ValueError, match="say --lower=pants, skirt or guess"):
        convert_labels(np.full((2, 2), 12), "sapiens")
    trousers, skirt = np.zeros((20, 12), int), np.zeros((20, 12), int)
    trousers[2:18, 2:5], trousers[2:18, 7:10], trousers[2:7, 2:10] = 12, 12, 12
    skirt[2:18, 2:10] = 12
    skirt[5:9, 6] = 5  # a hand in front of it
    for labels, name in ((trousers, "pants"), (skirt, "skirt")):
        assert set(np.unique(convert_labels(labels, "sapiens", lower="guess")[labels == 12])) == {LABEL[name]}
        assert set(np.unique(convert_labels(labels, "sapiens", lower="pants")[labels == 12])) == {
            LABEL["pants"]
        }


@pytest.mark.parametrize(
    ("palette", "reason"), [("pascal", "sleeves and trousers"), ("modanet", "garments alone")]
)
def test_sets_that_cannot_make_ours_are_refused_with_the_reason(palette, reason):
    with pytest.raises(ValueError, match=reason):
        convert_labels(np.zeros((2, 2), int), palette)
