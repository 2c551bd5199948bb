"""How pieces of a paper doll are painted: texture, clipping, edges."""

from __future__ import annotations

import numpy as np
import pytest

from spt_tf.paper_dolls.outlines import limb
from spt_tf.paper_dolls.parts import PIECE
from spt_tf.paper_dolls.sheet import Sheet

PIECE_NUMBER = PIECE["top"]


def striped() -> np.ndarray:
    """Upper half red, lower half blue; a green left edge."""
    texture = np.zeros((20, 10, 3), np.uint8)
    texture[:10, :, 0] = 200
    texture[10:, :, 2] = 200
    texture[:, 0] = (0, 200, 0)
    return texture


@pytest.mark.parametrize("angle", [0.0, 90.0, 180.0, -60.0])
def test_texture_turns_with_the_limb(angle):
    sheet = Sheet(np.zeros((64, 64, 3), np.uint8))
    middle, half = np.array([96.0, 96.0]), 40
    along = np.array([np.cos(np.radians(angle)), np.sin(np.radians(angle))])
    across = np.array([-along[1], along[0]])
    start, end = middle - along * half, middle + along * half
    sheet.paint(PIECE_NUMBER, limb(start, end, (20.0, 20.0), round_end=False), striped(), start, end, 20.0)

    def colour(v: float, u: float) -> np.ndarray:
        y, x = np.round(middle + along * v + across * u).astype(int)
        return sheet.colours[y, x]

    np.testing.assert_array_equal(colour(-20, 0), (200, 0, 0))
    np.testing.assert_array_equal(colour(20, 0), (0, 0, 200))
    np.testing.assert_array_equal(colour(20, -18.5), (0, 200, 0))


def test_a_foreshortened_limb_shows_its_whole_texture():
    sheet = Sheet(np.zeros((64, 64, 3), np.uint8))
    start, end = np.array([90.0, 96.0]), np.array([102.0, 96.0])
    sheet.paint(PIECE_NUMBER, limb(start, end, (8.0, 8.0)), striped(), start, end, 8.0)
    assert sheet.colours[92, 97, 0] == 200 and sheet.colours[100, 97, 2] == 200


def test_pieces_beyond_the_sheet_are_clipped():
    sheet = Sheet(np.zeros((64, 64, 3), np.uint8))
    for start, end in (((-50, -50), (20, 20)), ((500, 500), (600, 600))):
        start, end = np.array(start, float), np.array(end, float)
        sheet.paint(PIECE_NUMBER, limb(start, end, (10.0, 10.0)), striped(), start, end, 10.0)
    assert sheet.piece_at(0, 0) == PIECE_NUMBER and sheet.piece_at(63, 63) == 0


def test_edges_are_blended():
    sheet = Sheet(np.zeros((64, 64, 3), np.uint8))
    start, end = np.array([40.0, 60.0]), np.array([150.0, 130.0])
    sheet.fill(PIECE_NUMBER, limb(start, end, (20.0, 20.0)), (200, 200, 200))
    levels = np.unique(sheet.image())
    assert len(levels) > 4 and levels[0] == 0 and levels[-1] == 200
