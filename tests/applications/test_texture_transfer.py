"""The garments of one person on another."""

from __future__ import annotations

import numpy as np
import pytest

from spt_tf.applications.texture_transfer import (
    NotWorn,
    labels_from,
    shared_garments,
    transfer_texture,
    views_differ,
)
from tests.applications.painting import NECK, PANTS, SKIRT, TOP, StandInPainter, person

SOURCE, TARGET = person(200, TOP, PANTS), person(50, TOP, PANTS, down=4)


def test_outside_the_chosen_labels_every_pixel_is_the_targets():
    made = transfer_texture(StandInPainter(), SOURCE, TARGET, [TOP], relight=False)
    inside = TARGET.parsing == TOP
    assert (made.image[~inside] == 50).all()
    np.testing.assert_array_equal(np.unique(made.image[inside], axis=0), [(200, 20 * TOP, NECK + 4)])
    np.testing.assert_array_equal(made.parsing, TARGET.parsing)
    np.testing.assert_array_equal(made.keypoints, TARGET.keypoints)


def test_without_labels_the_whole_picture_is_the_sources_on_the_targets_map():
    made = transfer_texture(StandInPainter(), SOURCE, TARGET)
    assert (made.image[..., 0] == 200).all()
    np.testing.assert_array_equal(made.image[..., 1], 20 * TARGET.parsing)


def test_in_a_new_pose_the_rest_is_the_target_moved_there():
    pose = TARGET.keypoints + np.float32([6, 0])
    made = transfer_texture(StandInPainter(), SOURCE, TARGET, [PANTS], pose, relight=False)
    expected = np.roll(TARGET.parsing, 6, axis=0)
    np.testing.assert_array_equal(made.parsing, expected)
    np.testing.assert_array_equal(made.image[..., 0], np.where(expected == PANTS, 200, 50))
    np.testing.assert_array_equal(made.image[..., 1], 20 * expected)
    assert (made.image[..., 2] == NECK + 4 + 6).all()
    np.testing.assert_array_equal(made.keypoints, pose)


def test_what_one_of_them_does_not_wear_is_refused():
    with pytest.raises(NotWorn, match="the source wears no skirt"):
        transfer_texture(StandInPainter(), SOURCE, person(50, TOP, SKIRT), [SKIRT])
    with pytest.raises(NotWorn, match="the target wears no pants"):
        transfer_texture(StandInPainter(), SOURCE, person(50, TOP, SKIRT), [TOP, PANTS])


def test_garments_that_both_wear():
    assert shared_garments(SOURCE, person(50, TOP, SKIRT)) == (TOP,)
    with pytest.raises(NotWorn, match="the source pants, the target upper_clothes, skirt"):
        shared_garments(person(200, PANTS), person(50, TOP, SKIRT))


def test_labels_by_name():
    assert labels_from("skirt, upper_clothes") == (TOP, SKIRT)
    for wrong in ("hat", "background", "upper_clothes,hat", " , "):
        with pytest.raises(ValueError, match=r"labels: expected some of face, hair"):
            labels_from(wrong)


def test_views_differ_from_front_to_back_alone():
    behind = SOURCE.keypoints.copy()
    behind[[0, 14, 15, 16, 17]] = -1
    assert not views_differ(SOURCE, behind)  # the shoulders are still those of a front view
    behind[[2, 5]] = behind[[5, 2]]
    assert views_differ(SOURCE, behind) and views_differ(SOURCE._replace(keypoints=behind), SOURCE.keypoints)
    assert not views_differ(SOURCE, SOURCE.keypoints)


def test_in_the_targets_light_a_garment_has_the_sources_colour():
    source = SOURCE._replace(image=np.where((SOURCE.parsing == TOP)[..., None], np.uint8([9, 120, 60]), 7))
    made = transfer_texture(StandInPainter(), source, TARGET, [TOP])
    inside = TARGET.parsing == TOP
    np.testing.assert_array_equal(np.unique(made.image[inside], axis=0), [(9, 120, 60)])
    assert (made.image[~inside] == 50).all()
