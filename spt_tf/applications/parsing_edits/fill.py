"""What an edited place shows, guessed from the photo before H_A draws it.

H_A reads the photo through deformable skips: where a person stays in their pose it sees exactly what was
there, and draws that again, whatever the edited map says. So the photo is repainted first, each changed
pixel from the nearest ones of its new label, mirrored about the border so that patterns go on.
"""

from __future__ import annotations

import cv2
import numpy as np

from spt_tf.anatomy import LABEL
from spt_tf.applications.parsing_edits import zones

_SKIN = ("left_arm", "right_arm", "face")
# Where a label's texture comes from, the first of these that the photo shows. Skin is plain: of another part
# of the body its middle colour is taken.
_LIKE = {
    "face": _SKIN[::-1],
    "hair": ("hair",),
    "upper_clothes": ("upper_clothes",),
    "pants": ("pants", "skirt", "upper_clothes"),
    "skirt": ("skirt", "pants", "upper_clothes"),
    "left_arm": ("left_arm", "right_arm", "face"),
    "right_arm": ("right_arm", "left_arm", "face"),
    "left_leg": ("left_leg", "right_leg", *_SKIN),
    "right_leg": ("right_leg", "left_leg", *_SKIN),
    "background": ("background",),
}
# Shoes have their leg's label: place along the leg (2 is the ankle), torso lengths above its lowest pixel.
_SHOES_FROM, _SHOES_HEIGHT = 1.6, 0.3
_FEWEST = 4  # pixels that make a texture


def filled_photo(
    image: np.ndarray, parsing: np.ndarray, keypoints: np.ndarray, edited: np.ndarray
) -> np.ndarray:
    """The photo with every pixel whose label changed repainted: uint8 `[H,W,3]`.

    Args:
        image: uint8 `[H,W,3]`. parsing, edited: label maps `[H,W]`. keypoints: `[18,2]`.

    A label of which the photo shows nothing alike keeps what was there.
    """
    filled = image.copy()
    changed = parsing != edited
    skin = ~_shoes(parsing, keypoints)
    for name, likes in _LIKE.items():
        place = changed & (edited == LABEL[name])
        if not place.any():
            continue
        for like in likes:
            source = (parsing == LABEL[like]) & skin
            if name != "background":
                source = _inner(source)
            if source.sum() >= _FEWEST:
                plain = like != name and like in _SKIN
                filled[place] = np.median(image[source], axis=0) if plain else _mirrored(image, source)[place]
                break
    return filled


def _mirrored(image: np.ndarray, source: np.ndarray) -> np.ndarray:
    """Every pixel from the source region mirrored about its border, or from the nearest of its pixels."""
    height, width = source.shape
    numbered = cv2.distanceTransformWithLabels(
        np.where(source, 0, 255).astype(np.uint8), cv2.DIST_L2, 5, labelType=cv2.DIST_LABEL_PIXEL
    )[1]
    places = np.zeros((numbered.max() + 1, 2), int)
    places[numbered[source]] = np.argwhere(source)
    nearest = places[numbered]  # [H, W, 2]
    across = 2 * nearest - np.moveaxis(np.mgrid[:height, :width], 0, -1)
    inside = ((across >= 0) & (across < (height, width))).all(axis=-1)
    across = np.where(inside[..., np.newaxis], across, nearest)
    usable = source[across[..., 0], across[..., 1]]
    chosen = np.where(usable[..., np.newaxis], across, nearest)
    return image[chosen[..., 0], chosen[..., 1]]


def _inner(region: np.ndarray) -> np.ndarray:
    """A region without its outermost pixels, whose colours mix with the neighbours'; whole where thin."""
    inner = cv2.erode(region.astype(np.uint8), np.ones((3, 3), np.uint8)) > 0
    return inner if inner.sum() >= _FEWEST else region


def _shoes(parsing: np.ndarray, keypoints: np.ndarray) -> np.ndarray:
    """Pixels of a leg's label at its foot."""
    shoes = np.zeros(parsing.shape, bool)
    height = _SHOES_HEIGHT * zones.torso_length(parsing, keypoints)
    rows = np.arange(parsing.shape[0])[:, np.newaxis]
    for side in zones.SIDES:
        mine = parsing == LABEL[f"{side}_leg"]
        if mine.any():
            shoes |= mine & (rows > np.flatnonzero(mine.any(axis=1))[-1] - height)
        line = zones.leg(keypoints, side, parsing.shape)
        if line is not None:
            shoes |= mine & (line.place > _SHOES_FROM)
    return shoes
