"""Drawing one of several things, many times cheaper than Generator.choice with odds."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TypeVar

import numpy as np

Thing = TypeVar("Thing")


def pick(rng: np.random.Generator, things: Sequence[Thing]) -> Thing:
    """Draws one thing, all alike."""
    return things[int(rng.random() * len(things))]


def pick_by_odds(rng: np.random.Generator, odds: Mapping[Thing, float]) -> Thing:
    """Draws a key in proportion to its odds, which need not sum to 1."""
    left = rng.random() * sum(odds.values())
    for thing, share in odds.items():
        left -= share
        if left < 0:
            return thing
    return thing
