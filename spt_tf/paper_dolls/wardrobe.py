"""What a doll wears: a top of three sleeve lengths, trousers, shorts or a skirt, and shoes."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from spt_tf.paper_dolls.chance import pick, pick_by_odds
from spt_tf.paper_dolls.patterns import PATTERNS, Colour, contrasting_colour, draw_cloth, sample_colour

SLEEVE_ODDS = {"none": 0.2, "short": 0.42, "long": 0.38}
BOTTOM_ODDS = {"trousers": 0.48, "shorts": 0.26, "skirt": 0.26}
_PATTERN_ODDS = dict(zip(PATTERNS, (0.28, 0.2, 0.17, 0.15, 0.2)))


class Garment(NamedTuple):
    """A piece of clothing: pattern name, main and second RGB colour, and its cloth (patterns.draw_cloth)."""

    pattern: str
    colour: Colour
    second: Colour
    cloth: np.ndarray


class Outfit(NamedTuple):
    """One person's clothes, the same in every image of them.

    sleeves: a key of SLEEVE_ODDS; sleeve_end: how far a short sleeve covers the upper arm, 0..1.
    bottom_kind: a key of BOTTOM_ODDS; bottom_end: covered part of the thigh (shorts), or of thigh and calf
        counted 0..2 (skirt).
    top_end: the top's hem, 1 at the hip joints, in torso lengths.
    looseness: how far the top hangs off the body, body heights.
    flare: the skirt's or trouser leg's extra half-width at its hem, body heights.
    shoes: RGB.
    """

    top: Garment
    bottom: Garment
    sleeves: str
    sleeve_end: float
    bottom_kind: str
    bottom_end: float
    top_end: float
    looseness: float
    flare: float
    shoes: Colour


def sample_outfit(rng: np.random.Generator) -> Outfit:
    """Draws an outfit whose top and bottom differ in colour."""
    top = _garment(rng, pick_by_odds(rng, _PATTERN_ODDS), sample_colour(rng))
    bottom_kind = pick_by_odds(rng, BOTTOM_ODDS)
    patterned = rng.random() < (0.4 if bottom_kind == "skirt" else 0.12)
    bottom_pattern = pick(rng, PATTERNS[1:4]) if patterned else "plain"
    bottom = _garment(rng, bottom_pattern, contrasting_colour(rng, top.colour))
    ends = {"trousers": 2.0, "shorts": rng.uniform(0.5, 0.95), "skirt": rng.uniform(0.62, 1.35)}
    flares = {
        "trousers": rng.uniform(0.002, 0.014),
        "shorts": rng.uniform(0.006, 0.016),
        "skirt": rng.uniform(0.008, 0.055),
    }
    return Outfit(
        top=top,
        bottom=bottom,
        sleeves=pick_by_odds(rng, SLEEVE_ODDS),
        sleeve_end=float(rng.uniform(0.5, 0.9)),
        bottom_kind=bottom_kind,
        bottom_end=float(ends[bottom_kind]),
        top_end=float(rng.uniform(0.92, 1.22)),
        looseness=float(rng.uniform(0.0, 0.016)),
        flare=float(flares[bottom_kind]),
        shoes=sample_colour(rng),
    )


def _garment(rng: np.random.Generator, pattern: str, colour: Colour) -> Garment:
    second = contrasting_colour(rng, colour)
    return Garment(pattern, colour, second, draw_cloth(rng, pattern, colour, second))
