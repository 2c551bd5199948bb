"""Label maps of which only the colours are left, turned back into labels exactly or not at all."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import numpy as np

# What the LIP and CIHP family (JPPNet, CIHP_PGN, Graphonomy) paints its twenty labels with.
_LIP_COLOURS = (
    (0, 0, 0),
    (128, 0, 0),
    (255, 0, 0),
    (0, 85, 0),
    (170, 0, 51),
    (255, 85, 0),
    (0, 0, 85),
    (0, 119, 221),
    (85, 85, 0),
    (0, 85, 85),
    (85, 51, 0),
    (52, 86, 128),
    (0, 128, 0),
    (0, 0, 255),
    (51, 170, 221),
    (0, 255, 255),
    (85, 255, 170),
    (170, 255, 85),
    (255, 255, 0),
    (255, 170, 0),
)
_OF_LIP = ("lip", "cihp")  # label sets that those colours stand for


class ColourError(ValueError):
    """Colours that stand for no label, or for two; names them."""


def bit_colours(count: int) -> tuple[tuple[int, int, int], ...]:
    """SCHP's colours, the PASCAL VOC devkit's: a label's bits dealt to R, G, B from the top bit down."""
    colours = []
    for label in range(count):
        channels = [0, 0, 0]
        for place in range(24):
            channels[place % 3] |= ((label >> place) & 1) << (7 - place // 3)
        colours.append((channels[0], channels[1], channels[2]))
    return tuple(colours)


def codes_of(palette: str, count: int) -> dict[str, dict[int, int]]:
    """For a label set of `count` labels, by code ("schp", "lip"): colour, packed, -> label."""
    codes = {"schp": bit_colours(count)}
    if palette in _OF_LIP:
        codes["lip"] = _LIP_COLOURS
    return {
        name: {int(packed): label for label, packed in enumerate(pack(np.array(colours)))}
        for name, colours in codes.items()
    }


def pack(rgb: np.ndarray) -> np.ndarray:
    """`[..., 3]` RGB in 0..255 to one whole number each."""
    return np.asarray(rgb, np.int64) @ np.array([65536, 256, 1])


def choose_code(
    colours: Iterable[int], codes: Mapping[str, Mapping[int, int]], said: str | None = None
) -> Mapping[int, int]:
    """The code that all the colours of a folder are of; said: its name, where the user knows it.

    Raises ColourError on a colour that no code has (an example of the code that has most of them), and where
    two codes have them all and mean different labels.
    """
    seen = sorted(set(colours))
    if said is not None:
        if said not in codes:
            raise ColourError(f"colour code '{said}' is none of this label set's: {', '.join(codes)}")
        codes = {said: codes[said]}
    fitting = {name: code for name, code in codes.items() if all(colour in code for colour in seen)}
    if not fitting:
        closest = max(codes.values(), key=lambda code: sum(colour in code for colour in seen))
        unknown = next(colour for colour in seen if colour not in closest)
        raise ColourError(
            f"colour {shown(unknown)} stands for no label: blended edges or JPEG losses, or another label set"
        )
    meanings = {tuple(code[colour] for colour in seen) for code in fitting.values()}
    if len(meanings) > 1:
        raise ColourError(f"the colours fit {' and '.join(fitting)} with different labels: say --colours")
    return next(iter(fitting.values()))


def labels_of(rgb: np.ndarray, code: Mapping[int, int]) -> np.ndarray:
    """uint8 RGB `[H, W, 3]` to uint8 labels `[H, W]`. Raises ColourError on a colour that stands for none."""
    colours, places = np.unique(pack(rgb), return_inverse=True)
    unknown = [colour for colour in colours.tolist() if colour not in code]
    if unknown:
        share = float(np.isin(pack(rgb), unknown).mean())
        raise ColourError(
            f"colour {shown(unknown[0])} stands for no label ({len(unknown):,} such colours, {share:.1%} of "
            "the picture): blended edges or JPEG losses, or another label set"
        )
    labels = np.array([code[colour] for colour in colours.tolist()], np.uint8)
    return labels[places.reshape(rgb.shape[:2])]


def shown(colour: int) -> str:
    """A packed colour as (R, G, B)."""
    return f"({colour >> 16}, {colour >> 8 & 255}, {colour & 255})"
