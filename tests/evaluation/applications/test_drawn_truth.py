"""Dolls drawn as they should look: the same in everything but what changes."""

from __future__ import annotations

import itertools

import cv2
import numpy as np

from spt_tf.anatomy import LABEL
from spt_tf.evaluation.applications.drawn_truth import edit_cases, exchanges, movements

CANVAS = (64, 32)


def test_b_in_as_garments_differs_from_b_inside_them_alone():
    cases = list(exchanges(3, 6, CANVAS))
    assert len(cases) >= 5 and any(any(case.differ) for case in cases)
    for case in cases:
        np.testing.assert_array_equal(case.truth.parsing, case.b.parsing)
        np.testing.assert_array_equal(case.truth.keypoints, case.b.keypoints)
        changed = (case.truth.image != case.b.image).any(axis=-1)
        inside = np.isin(case.b.parsing, case.labels)
        # pixels on the border are drawn of both
        near = cv2.dilate(inside.astype(np.uint8), np.ones((3, 3), np.uint8)) > 0
        assert changed[~near].mean() < 0.005
        for label, differ in zip(case.labels, case.differ):
            assert not differ or changed[case.b.parsing == label].mean() > 0.2
        assert (case.again.parsing != case.a.parsing).any()


def test_edits_come_with_the_person_drawn_so():
    cases = list(itertools.islice(edit_cases(3, 4, CANVAS), 24))
    assert len({case.name for case in cases}) >= 6
    for case in cases:
        np.testing.assert_array_equal(case.truth.keypoints[1], case.person.keypoints[1])
        changed = case.truth.parsing != case.person.parsing
        if case.name == "bottom skirt":
            assert (case.truth.parsing == LABEL["skirt"]).any()
            assert not (case.person.parsing == LABEL["skirt"]).any()
        if case.name.startswith("hair") and changed.any():
            assert {LABEL["hair"]} & {*case.truth.parsing[changed], *case.person.parsing[changed]}


def test_a_movement_is_smooth_and_begins_with_the_person():
    for movement in movements(3, 2, 9, CANVAS):
        assert movement.poses.shape == (9, 18, 2) and len(movement.truth) == 9
        np.testing.assert_array_equal(movement.person.image, movement.truth[0].image)
        assert np.abs(np.diff(movement.poses[:, 1], axis=0)).max() < 4
        assert (movement.truth[6].image != movement.person.image).any()
