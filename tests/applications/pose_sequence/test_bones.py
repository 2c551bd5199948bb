"""Poses between two poses, and a driver's poses on another body: both go along bones."""

from __future__ import annotations

import numpy as np
import pytest

from spt_tf.anatomy import JOINT, LIMBS
from spt_tf.applications.pose_sequence.fit_to_person import CannotFit, fit_to_person
from spt_tf.applications.pose_sequence.interpolation import poses_between
from tests.evaluation.sample_pairs import STICK_FIGURE

STANDING = STICK_FIGURE.astype(float)
NECK, SHOULDER, ELBOW, WRIST = (JOINT[n] for n in ("neck", "right_shoulder", "right_elbow", "right_wrist"))


def _raised(pose: np.ndarray, degrees: float) -> np.ndarray:
    """With the right arm turned about its shoulder."""
    turn = np.radians(degrees)
    matrix = np.array([[np.cos(turn), -np.sin(turn)], [np.sin(turn), np.cos(turn)]])
    moved = pose.copy()
    moved[[ELBOW, WRIST]] = (pose[[ELBOW, WRIST]] - pose[SHOULDER]) @ matrix.T + pose[SHOULDER]
    return moved


def _lengths(poses: np.ndarray) -> np.ndarray:
    return np.stack([np.linalg.norm(poses[:, a] - poses[:, b], axis=-1) for a, b in LIMBS], axis=-1)


def test_limbs_keep_their_lengths_on_the_way():
    poses = poses_between(STANDING, _raised(STANDING, 150), 9)
    np.testing.assert_allclose(poses[0], STANDING)
    np.testing.assert_allclose(poses[-1], _raised(STANDING, 150), atol=1e-9)
    np.testing.assert_allclose(poses[4], _raised(STANDING, 75), atol=1e-9)
    np.testing.assert_allclose(_lengths(poses), np.repeat(_lengths(STANDING[np.newaxis]), 9, axis=0))


@pytest.mark.parametrize("first, last, middle", [(100, -100, 180), (40, 120, 80), (-40, -120, -80)])
def test_a_turn_goes_the_shorter_way_round(first, last, middle):
    pose = STANDING + 40  # nothing leaves the picture
    poses = poses_between(_raised(pose, first), _raised(pose, last), 3)
    np.testing.assert_allclose(poses[1], _raised(pose, middle), atol=1e-9)


def test_a_joint_of_one_end_is_carried_through_its_half():
    last = STANDING + np.array([0, 8])
    last[WRIST] = -1
    poses = poses_between(STANDING, last, 5)
    assert ((poses[:, WRIST] >= 0).all(axis=-1) == [True, True, False, False, False]).all()
    np.testing.assert_allclose(poses[1, WRIST], STANDING[WRIST] + [0, 2])


def test_without_a_neck_joints_go_straight():
    first, last = STANDING.copy(), STANDING + 4
    first[NECK], last[WRIST] = -1, -1
    poses = poses_between(first, last, 5)
    np.testing.assert_allclose(poses[1, ELBOW], STANDING[ELBOW] + 1)
    np.testing.assert_array_equal((poses[:, NECK] < 0).all(axis=-1), [True, True, False, False, False])
    np.testing.assert_array_equal((poses[:, WRIST] < 0).all(axis=-1), [False, False, True, True, True])


def test_one_frame_is_no_movement():
    with pytest.raises(ValueError, match="at least 2 frames, got 1"):
        poses_between(STANDING, STANDING, 1)


def test_a_larger_driver_elsewhere_is_the_person_again():
    driver = poses_between(STANDING, _raised(STANDING, 60), 6)
    filmed = 9 * driver + np.array([100, -40.0]) + 500
    np.testing.assert_allclose(fit_to_person(filmed, STANDING), driver, atol=1e-9)


def test_limbs_get_the_persons_lengths_and_the_neck_its_movement():
    shifts = np.array([[0, 0], [0, 5], [2, 9]])
    driver = STANDING + shifts[:, np.newaxis]
    person = STANDING.copy()
    person[[ELBOW, WRIST]] += person[ELBOW] - person[SHOULDER]
    person[ELBOW] = STANDING[ELBOW] + 0.2 * (STANDING[ELBOW] - STANDING[SHOULDER])
    fitted = fit_to_person(driver, person)
    np.testing.assert_allclose(fitted[:, NECK] - person[NECK], shifts)
    upper = np.linalg.norm(fitted[:, ELBOW] - fitted[:, SHOULDER], axis=-1)
    np.testing.assert_allclose(upper, np.linalg.norm(person[ELBOW] - person[SHOULDER]))


def test_a_limb_seen_foreshortened_does_not_shrink_the_driver():
    person = STANDING.copy()
    for side in ("right", "left"):
        elbow, wrist = JOINT[f"{side}_elbow"], JOINT[f"{side}_wrist"]
        person[wrist] = person[elbow] + [1, 0]
    fitted = fit_to_person(STANDING[np.newaxis], person)
    lengths = [np.linalg.norm(pose[WRIST] - pose[ELBOW]) for pose in (fitted[0], STANDING)]
    np.testing.assert_allclose(lengths[0], lengths[1] / 1.25)


def test_what_cannot_be_fitted_is_named():
    no_neck = STANDING.copy()
    no_neck[NECK] = -1
    with pytest.raises(CannotFit, match="the person's neck"):
        fit_to_person(STANDING[np.newaxis], no_neck)
    with pytest.raises(CannotFit, match="frame 2: the driver's neck"):
        fit_to_person(np.stack([STANDING, no_neck]), STANDING)
    head = np.full_like(STANDING, -1)
    head[[0, 1]] = STANDING[[0, 1]]
    with pytest.raises(CannotFit, match="no limb that both have"):
        fit_to_person(head[np.newaxis], STANDING)
