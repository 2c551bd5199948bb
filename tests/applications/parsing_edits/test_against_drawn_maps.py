"""Edits against the maps of dolls drawn with other sleeves, bottoms, hems and hair."""

from __future__ import annotations

import numpy as np
import pytest

from spt_tf.applications.parsing_edits.edits import Edits, edit_parsing
from spt_tf.applications.parsing_edits.zones import CannotPlace
from tests.applications.parsing_edits import drawn

DOLLS = drawn.dolls(24)


def _mean_agreement(edits, change, wanted) -> float:
    """Over the dolls that `wanted` takes: an edit against the doll that `change` makes."""
    values = []
    for doll in filter(wanted, DOLLS):
        before = drawn.parsing(doll)
        try:
            edited = edit_parsing(before, drawn.keypoints(doll), edits)
        except CannotPlace:
            continue
        values.append(drawn.agreement(before, edited, drawn.parsing(change(doll))))
    assert len(values) >= 4
    return float(np.nanmean(values))


@pytest.mark.parametrize("length, least", [("none", 0.5), ("short", 0.55), ("long", 0.65)])
def test_sleeves(length, least):
    found = _mean_agreement(
        Edits(sleeves=length),
        lambda doll: drawn.dressed(doll, sleeves=length, sleeve_end=0.7),
        lambda doll: doll.outfit.sleeves != length,
    )
    assert found > least


@pytest.mark.parametrize(
    "kind, hem, flare, least",
    [("trousers", 2, 0.008, 0.8), ("shorts", 0.7, 0.01, 0.7), ("skirt", 1, 0.03, 0.75)],
)
def test_bottoms(kind, hem, flare, least):
    found = _mean_agreement(
        Edits(bottom=kind),
        lambda doll: drawn.dressed(doll, bottom_kind=kind, bottom_end=hem, flare=flare),
        lambda doll: doll.outfit.bottom_kind != kind,
    )
    assert found > least


@pytest.mark.parametrize("level", [0.95, 1.2])
def test_the_hem_of_a_top(level):
    found = _mean_agreement(
        Edits(top_hem=level),
        lambda doll: drawn.dressed(doll, top_end=level),
        lambda doll: abs(doll.outfit.top_end - level) > 0.12,
    )
    assert found > 0.75


@pytest.mark.parametrize("length, hangs, least", [("short", 0, 0.45), ("long", 0.185, 0.45)])
def test_hair(length, hangs, least):
    found = _mean_agreement(
        Edits(hair=length),
        lambda doll: doll._replace(body=doll.body._replace(hair_style=length, hair_length=hangs)),
        lambda doll: doll.body.hair_style not in (length, "bun", "ponytail"),
    )
    assert found > least
