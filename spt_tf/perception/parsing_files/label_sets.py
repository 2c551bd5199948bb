"""The label sets of human parsers, and what each label is in the ten labels of this project.

| their label                            | ours            | because                                         |
|----------------------------------------|-----------------|-------------------------------------------------|
| face; hair; pants; skirt; arms; legs   | the same        | where a set names sides, they are the person's  |
| hat, headwear                          | hair            | it covers the hair and moves with the head      |
| glasses, earrings, lips, teeth, tongue | face            | they lie on it                                  |
| torso skin, necklace                   | face            | bare neck and chest: skin, not cloth            |
| upper clothes, coat, dress, jumpsuit   | upper_clothes   | a garment hung from the shoulders stays whole   |
| scarf, belt, tie, apparel              | upper_clothes   | they lie on it                                  |
| leggings                               | pants           | they cover the legs, and move with them         |
| shoes, feet; hands                     | same side's limb| they move with it                               |
| glove, ring (no side given)            | an arm          | the nearest arm's side                          |
| socks, shoes (no side given)           | a leg           | the nearest leg's or shoe's side                |
| skin (DeepFashion-MultiModal, PISE)    | limb or face    | the nearest bone: keypoints are needed          |
| lower clothing (Sapiens, PISE)         | pants or skirt  | not told by the label: the user says which      |
| bag                                    | background      | the sets without one count bags as background   |

This agrees with the published merge closest to it (ADGAN, issue 10). Others differ: HR-VITON puts torso skin
into the background, PISE the dress with the pants and arms and neck into one skin.
"""

from __future__ import annotations

from spt_tf.anatomy import LABELS

# Entries that are no label of ours: a limb whose side has to be found; skin, of which limb has to be found;
# a garment of the lower body, pants or skirt.
ARM, LEG, SKIN, LOWER = "arm", "leg", "skin", "lower"
LOWER_CHOICES = ("pants", "skirt", "guess")  # what the user may say that LOWER is
COLOUR_CODES = ("schp", "lip")  # by which tools paint labels (`colours`)

# For each label of a set in order, ours or one of the above.
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
# Multi-Human Parsing v1 is ATR and torso skin (ZhaoJ9014/Multi-Human-Parsing, issue 31).
PALETTES["mhp_v1"] = (*PALETTES["atr"], "face")
# DeepFashion-MultiModal (Jiang et al. 2022), as its README numbers them.
PALETTES["deepfashion_multimodal"] = (
    "background",
    *("upper_clothes", "upper_clothes"),  # top, outer
    "skirt",
    "upper_clothes",  # dress
    *("pants", "pants"),  # pants, leggings
    "hair",  # headwear
    "face",  # eyeglass
    *("upper_clothes", "upper_clothes"),  # neckwear, belt
    LEG,  # footwear
    "background",  # bag
    *("hair", "face", SKIN),
    *(ARM, ARM, LEG, ARM),  # ring, wrist wearing, socks, gloves
    "face",  # necklace
    "upper_clothes",  # rompers
    "face",  # earrings
    "upper_clothes",  # tie
)
_SAPIENS_LEFT = (
    *("left_leg", "left_arm", "left_arm"),  # foot, hand, lower arm
    *("left_leg", "left_leg"),  # lower leg, shoe
    *("left_leg", "left_arm", "left_leg"),  # sock, upper arm, upper leg
)
# Sapiens' body parts (Goliath; facebookresearch/sapiens, docs/SEG_README.md). A covered arm is clothes.
PALETTES["sapiens"] = (
    *("background", "upper_clothes", "face", "hair"),  # apparel; face and neck
    *_SAPIENS_LEFT,
    LOWER,
    *(part.replace("left", "right") for part in _SAPIENS_LEFT),
    *("face", "upper_clothes"),  # torso
    *("face",) * 5,  # lips, teeth, tongue
)
# Maps that have been converted, or drawn with our labels.
PALETTES["ours"] = LABELS
# What Attribute-Decomposed GAN and PISE make of LIP: arms, legs and skin without sides.
PALETTES["adgan"] = ("background", "pants", "hair", "skirt", "face", "upper_clothes", ARM, LEG)
PALETTES["pise"] = ("background", "hair", "hair", "upper_clothes", LOWER, LOWER, SKIN, "face")

# Label sets that cannot be turned into ours, and why.
REFUSED: dict[str, str] = {
    "pascal": "Pascal-Person-Part is no clothes parser: its arms and legs include sleeves and trousers, and "
    "its torso whatever is worn on it. Use a parser trained on LIP, ATR or CIHP",
    "modanet": "ModaNet labels garments alone: it has no face, hair, arms or legs. Use a parser trained on "
    "LIP, ATR or CIHP",
}


def names_of(palette: str) -> tuple[str, ...]:
    """A set's entries. Raises ValueError on an unknown set, and with the reason on one that is refused."""
    if palette in REFUSED:
        raise ValueError(f"palette '{palette}': {REFUSED[palette]}")
    if palette not in PALETTES:
        raise ValueError(f"unknown palette '{palette}': expected one of {', '.join(sorted(PALETTES))}")
    return PALETTES[palette]


def needs_keypoints(palette: str) -> bool:
    """Whether nothing but keypoints can tell the sides of its limbs, or which limb its skin is of."""
    names = names_of(palette)
    return SKIN in names or (ARM in names and "left_arm" not in names)
