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

import os
from pathlib import Path
from typing import NamedTuple

import cv2
import numpy as np

from spt_tf.anatomy import LABEL
from spt_tf.data.parsing_maps import ParsingMapError, read_parsing_map, write_parsing_map

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


class Conversion(NamedTuple):
    """What came of a folder: how many maps were written, and one line for each file that could not be."""

    written: int
    problems: list[str]


def convert_labels(labels: np.ndarray, palette: str) -> np.ndarray:
    """Turns a parser's labels `[H, W]` into uint8 `[H, W]` of `anatomy.LABELS`.

    Raises ValueError on an unknown palette or a label outside it.
    """
    if palette not in PALETTES:
        raise ValueError(f"unknown palette '{palette}': expected one of {', '.join(sorted(PALETTES))}")
    names = PALETTES[palette]
    labels = np.asarray(labels)
    if labels.size and (labels.min() < 0 or labels.max() >= len(names)):
        raise ValueError(f"labels {labels.min()}..{labels.max()}, where {palette} has 0..{len(names) - 1}")
    ours = np.array([LABEL.get(name, LABEL["background"]) for name in names], np.uint8)[labels]
    person = labels > 0
    for limb in ("arm", "leg"):
        unsided = np.isin(labels, [label for label, name in enumerate(names) if name == limb])
        if unsided.any():
            _give_sides(ours, unsided, limb, person)
    return ours


def convert_directory(
    input_dir: str | os.PathLike, output_dir: str | os.PathLike, palette: str
) -> Conversion:
    """Converts every .png and .npy map of a folder into an indexed PNG of the same stem.

    Unreadable files are reported, not written. Raises ValueError when the folders are one (a map converted
    twice is wrong and looks right), when there is no map, or on an unknown palette; FileNotFoundError.
    """
    input_dir, output_dir = Path(input_dir), Path(output_dir)
    if palette not in PALETTES:
        raise ValueError(f"unknown palette '{palette}': expected one of {', '.join(sorted(PALETTES))}")
    if not input_dir.is_dir():
        raise FileNotFoundError(f"{input_dir}: no such folder")
    if input_dir.resolve() == output_dir.resolve():
        raise ValueError(f"{input_dir}: input and output must be different folders")
    maps = sorted(path for path in input_dir.iterdir() if path.suffix in (".png", ".npy"))
    if not maps:
        raise ValueError(f"{input_dir}: no .png or .npy map")
    written, problems = 0, []
    for path in maps:
        try:
            labels = read_parsing_map(path, num_labels=len(PALETTES[palette]))
        except ParsingMapError as error:
            problems.append(str(error))
            continue
        write_parsing_map(output_dir / f"{path.stem}.png", convert_labels(labels, palette))
        written += 1
    return Conversion(written, problems)


def _give_sides(ours: np.ndarray, unsided: np.ndarray, limb: str, person: np.ndarray) -> None:
    """Labels each connected patch of `unsided` in place as the left or right limb."""
    left, right = LABEL[f"left_{limb}"], LABEL[f"right_{limb}"]
    to_left, to_right = _distance_to(ours == left), _distance_to(ours == right)
    limb_in_sight = np.isfinite(np.minimum(to_left, to_right)).any()
    middle = np.nonzero(person)[1].mean()
    count, patches = cv2.connectedComponents(unsided.astype(np.uint8))
    for patch in range(1, count):
        where = patches == patch
        if limb_in_sight:
            is_left = to_left[where].min() < to_right[where].min()
        else:
            is_left = np.nonzero(where)[1].mean() > middle
        ours[where] = left if is_left else right


def _distance_to(mask: np.ndarray) -> np.ndarray:
    """Euclidean distance of every pixel to the mask, infinite where the mask is empty."""
    if not mask.any():
        return np.full(mask.shape, np.inf)
    return cv2.distanceTransform((~mask).astype(np.uint8), cv2.DIST_L2, cv2.DIST_MASK_PRECISE)
