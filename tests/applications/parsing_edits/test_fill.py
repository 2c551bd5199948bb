"""The photo repainted by an edited map, before anything is drawn."""

from __future__ import annotations

import numpy as np

from spt_tf.anatomy import LABEL
from spt_tf.applications.parsing_edits.edits import draw_edited
from spt_tf.applications.parsing_edits.fill import filled_photo
from tests.applications.painting import PANTS, SKIRT, TOP, StandInPainter, person

ONE = person(0, TOP, PANTS)
_ROWS = np.arange(96, dtype=np.uint8)[:, np.newaxis, np.newaxis]
STRIPED = np.broadcast_to(2 * _ROWS, (96, 64, 3))  # every row of its own grey


def _filled(edited, parsing=ONE.parsing, keypoints=ONE.keypoints):
    return filled_photo(STRIPED, parsing, keypoints, edited)


def test_without_a_change_the_photo_stays():
    np.testing.assert_array_equal(_filled(ONE.parsing), STRIPED)


def test_a_longer_top_goes_on_as_the_mirror_image_of_its_lower_part():
    edited = ONE.parsing.copy()
    edited[40:43, 25:35] = TOP
    filled = _filled(edited)
    # the top's outermost rows and columns mix with what is beside them, and are not looked at
    np.testing.assert_array_equal(filled[40:43, 30, 0], 2 * np.array([36, 35, 34]))
    others = np.ones((96, 64), bool)
    others[40:43, 25:35] = False
    np.testing.assert_array_equal(filled[others], STRIPED[others])


def test_a_skirt_is_made_of_the_trousers():
    edited = np.where(ONE.parsing == PANTS, SKIRT, ONE.parsing).astype(np.uint8)
    edited[50:55, 20:40] = SKIRT
    filled = _filled(edited)
    assert set(filled[50:55, 30, 0] // 2) <= set(range(41, 49))


def test_bare_legs_are_not_made_of_shoes():
    parsing = ONE.parsing.copy()
    leg, arm = LABEL["left_leg"], LABEL["left_arm"]
    parsing[86:95, 38:43] = leg  # at the ankle, row 88
    parsing[20:26, 44:50] = arm
    edited = parsing.copy()
    edited[75:80, 38:43] = leg
    assert set(_filled(edited, parsing)[75:80, 40, 0] // 2) <= set(range(20, 26))
    longer = parsing.copy()
    longer[60:95, 38:43] = leg  # bare from row 60 on: all but the foot is skin
    edited = longer.copy()
    edited[52:56, 38:43] = leg
    assert set(_filled(edited, longer)[52:56, 40, 0] // 2) <= set(range(60, 82))


def test_what_the_photo_shows_nothing_of_stays():
    edited = ONE.parsing.copy()
    edited[5:10, 20:30] = LABEL["hair"]
    np.testing.assert_array_equal(_filled(edited), STRIPED)


def test_the_person_is_drawn_from_the_repainted_photo_and_the_edited_map():
    seen = {}

    class Watching(StandInPainter):
        def render(self, image, parsing, *rest):
            seen.update(image=image, parsing=parsing)
            return super().render(image, parsing, *rest)

    edited = ONE.parsing.copy()
    edited[40:43, 25:35] = TOP
    one = ONE._replace(image=np.array(STRIPED))
    made = draw_edited(Watching(), one, edited, keep_unchanged=False, drawn_share=0.25)
    np.testing.assert_array_equal(seen["image"], _filled(edited))
    mixed = 0.25 * 20.0 * edited + 0.75 * _filled(edited)[..., 1]
    np.testing.assert_array_equal(made.image[..., 1], np.rint(mixed))
    np.testing.assert_array_equal(seen["parsing"], edited)
    draw_edited(Watching(), one, edited, fill=False)
    np.testing.assert_array_equal(seen["image"], STRIPED)
    np.testing.assert_array_equal(seen["parsing"], ONE.parsing)
