"""The label sets of human parsers (LIP, ATR, CIHP) turned into the ten labels of this project.

| their label                           | ours            | because                                         |
|---------------------------------------|-----------------|-------------------------------------------------|
| face; hair; pants; skirt; arms; legs  | the same        | all three sets name the person's own sides      |
| hat                                   | hair            | it covers the hair and moves with the head      |
| sunglasses                            | face            | they lie on it                                  |
| torso skin (CIHP)                     | face            | bare neck and chest: skin, not cloth            |
| upper clothes, coat, dress, jumpsuit  | upper_clothes   | a garment hung from the shoulders stays whole   |
| scarf, belt                           | upper_clothes   | they lie on it                                  |
| shoes                                 | same side's leg | they move with it                               |
| glove (LIP, CIHP: no side given)      | an arm          | the nearest arm's side, see below               |
| socks (LIP, CIHP: no side given)      | a leg           | the nearest leg's or shoe's side                |
| bag (ATR)                             | background      | the other two sets count bags as background     |

A glove or sock takes, as a whole connected patch, the side of the arm or leg nearest to it. Where the map
shows neither (sleeves cover the arms), the person is taken to face the camera: what lies left of the person's
middle in the picture is the person's right.
"""

from __future__ import annotations

# A palette names, for each of its labels in order, ours; or a limb whose side has to be found.
PALETTES: dict[str, tuple[str, ...]] = {
    # Look into Person (Gong et al. 2017): background, hat, hair, glove, sunglasses, upper clothes, dress,
    # coat, socks, pants, jumpsuit, scarf, skirt, face, left arm, right arm, left leg, right leg, left shoe,
    # right shoe.
    "lip": (
        "background",
        "hair",
        "hair",
        "arm",
        "face",
        "upper_clothes",
        "upper_clothes",
        "upper_clothes",
        "leg",
        "pants",
        "upper_clothes",
        "upper_clothes",
        "skirt",
        "face",
        "left_arm",
        "right_arm",
        "left_leg",
        "right_leg",
        "left_leg",
        "right_leg",
    ),
    # ATR (Liang et al. 2015): background, hat, hair, sunglasses, upper clothes, skirt, pants, dress, belt,
    # left shoe, right shoe, face, left leg, right leg, left arm, right arm, bag, scarf.
    "atr": (
        "background",
        "hair",
        "hair",
        "face",
        "upper_clothes",
        "skirt",
        "pants",
        "upper_clothes",
        "upper_clothes",
        "left_leg",
        "right_leg",
        "face",
        "left_leg",
        "right_leg",
        "left_arm",
        "right_arm",
        "background",
        "upper_clothes",
    ),
}
# Crowd Instance-level Human Parsing (Gong et al. 2018) is LIP with torso skin in the jumpsuit's place.
PALETTES["cihp"] = (*PALETTES["lip"][:10], "face", *PALETTES["lip"][11:])
