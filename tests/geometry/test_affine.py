"""Part transforms against the authors' numbers, scikit-image, and by construction."""

from __future__ import annotations

import numpy as np
import pytest
import skimage.transform

from spt_tf import anatomy
from spt_tf.geometry.affine import part_transforms
from tests.geometry.sample_poses import TORSO, sample_poses
from tests.geometry.test_body_parts import polygon
from tests.golden_arrays import golden

CANVAS = (128, 64)
IDENTITY = [1, 0, 0, 0, 1, 0, 0, 0]
NOWHERE = [1, 0, 1000, 0, 1, 1000, 0, 0]


def corner_distance(transforms: np.ndarray, expected: np.ndarray, canvas=CANVAS) -> np.ndarray:
    """The largest distance in pixels over the canvas' corners."""
    bottom, right = canvas[0] - 1, canvas[1] - 1
    corners = np.array([[0, 0, 1], [right, 0, 1], [0, bottom, 1], [right, bottom, 1]]).T
    difference = (transforms - expected)[..., :6].reshape(*transforms.shape[:-1], 2, 3)
    return np.linalg.norm(difference @ corners, axis=-2).max(-1)


def apply(transform: np.ndarray, points_yx: np.ndarray) -> np.ndarray:
    x, y = points_yx[..., 1], points_yx[..., 0]
    a0, a1, a2, b0, b1, b2 = np.asarray(transform)[:6]
    return np.stack([b0 * x + b1 * y + b2, a0 * x + a1 * y + a2], axis=-1)


@pytest.mark.parametrize(("prefix", "canvas"), [("", (128, 64)), ("square_", (64, 64))])
def test_published_transforms(prefix, canvas):
    arrays = golden("geometry.npz")
    source, target = (arrays[f"{prefix}{person}_keypoints_yx"] for person in ("source", "target"))
    transforms = part_transforms(source, target, canvas).numpy()
    assert corner_distance(transforms, arrays[f"{prefix}transforms"], canvas).max() < 1e-3


def test_limbs_map_polygons_onto_polygons():
    source, target = sample_poses(4, 128, seed=3), sample_poses(4, 128, seed=4)
    transforms = part_transforms(source, target, CANVAS).numpy()

    def corners(pose, limb):
        a, b = anatomy.LIMB_PART_JOINTS[limb]
        sides = [np.linalg.norm(pose[s] - pose[h]) for s, h in ((2, 8), (5, 11))]
        reach = 0.3 if limb in (2, 3, 6, 7) else 0.1
        return polygon(pose[a], pose[b], np.sqrt(np.mean(np.square(sides))), reach)

    for example, limb in np.ndindex(4, 8):
        read_from = apply(transforms[example, 2 + limb], corners(target[example], limb))
        np.testing.assert_allclose(read_from, corners(source[example], limb), atol=1e-3)


def test_torso_and_head_against_scikit_image():
    source, target = sample_poses(6, 128, seed=5), sample_poses(6, 128, seed=6)
    source[0, 14], target[1, [0, 15, 16, 17]] = -1, -1
    transforms = part_transforms(source, target, CANVAS).numpy()
    for example in range(6):
        shared = (source[example].min(-1) >= 0) & (target[example].min(-1) >= 0)
        head = [j for j in (0, 14, 15, 16, 17) if shared[j]] + [2, 5]
        for part, joints in enumerate([list(TORSO), head]):
            fit = skimage.transform.estimate_transform(
                "affine", src=target[example, joints, ::-1], dst=source[example, joints, ::-1]
            )
            expected = np.append(fit.params[:2].ravel(), [0, 0])
            assert corner_distance(transforms[example, part], expected) < 0.01


@pytest.mark.parametrize("how", ["missing", "no length"])
def test_a_limb_the_source_lacks_is_read_from_the_other_side(how):
    source, target = sample_poses(1, 128, seed=7), sample_poses(1, 128, seed=8)
    source[0, 4] = -1 if how == "missing" else source[0, 3]  # right wrist
    transforms = part_transforms(source, target, CANVAS).numpy()[0]
    # the left forearm's place in the source, where the right one lies in the target
    np.testing.assert_allclose(apply(transforms[8], target[0, 3]), source[0, 6], atol=1e-3)
    np.testing.assert_allclose(apply(transforms[8], target[0, 4]), source[0, 7], atol=1e-3)
    source[0, 7] = -1  # the left one is gone too
    np.testing.assert_array_equal(part_transforms(source, target, CANVAS)[0, 8], NOWHERE)


@pytest.mark.parametrize("joint", [9, 10])
def test_a_target_limb_of_no_length_reads_from_nowhere(joint):
    source, target = sample_poses(1, 128, seed=9), sample_poses(1, 128, seed=10)
    target[0, joint] = target[0, joint - 1]
    transforms = part_transforms(source, target, CANVAS).numpy()
    assert np.isfinite(transforms).all()
    np.testing.assert_array_equal(transforms[0, 2 if joint == 9 else 4], NOWHERE)


def test_nowhere_is_outside_large_canvases():
    nobody = np.full((1, 18, 2), -1.0, np.float32)
    transform = part_transforms(nobody, nobody, (3000, 2000)).numpy()[0, 2]
    assert transform[2] > 2000 and transform[5] > 3000


SIDE_VIEW = [(20, 30), (20, 30), (60, 30), (60, 30)]  # shoulders and hips on one line


@pytest.mark.parametrize("case", ["one missing", "two missing", "source on a line", "target on a line"])
def test_without_a_whole_torso_the_shared_joints_give_a_similarity(case):
    source, target = sample_poses(1, 128, seed=11), sample_poses(1, 128, seed=12)
    if case == "one missing":
        source[0, 8] = -1
    elif case == "two missing":
        source[0, 2], target[0, 8] = -1, -1
    else:
        (source if case.startswith("source") else target)[0, TORSO] = SIDE_VIEW
    transforms = part_transforms(source, target, CANVAS).numpy()[0]
    shared = (source[0].min(-1) >= 0) & (target[0].min(-1) >= 0)
    fit = skimage.transform.estimate_transform(
        "similarity", src=target[0, shared][:, ::-1], dst=source[0, shared][:, ::-1]
    )
    expected = np.append(fit.params[:2].ravel(), [0, 0])
    assert corner_distance(transforms[0], expected) < 0.01
    # the head needs both shoulders
    assert (corner_distance(transforms[1], expected) < 0.01) == (case == "two missing")


@pytest.mark.parametrize("where", ["source", "target"])
def test_shared_joints_in_one_place_leave_the_torso_where_it_is(where):
    source, target = (np.full((1, 18, 2), -1.0, np.float32) for _ in range(2))
    source[0, 2:4], target[0, 2:4] = [(10, 10), (30, 10)], [(20, 20), (40, 30)]
    (source if where == "source" else target)[0, 3] = (source if where == "source" else target)[0, 2]
    np.testing.assert_array_equal(part_transforms(source, target, CANVAS)[0, 0], IDENTITY)


@pytest.mark.parametrize("shared", [0, 1])
def test_under_two_shared_joints_the_torso_stays_where_it_is(shared):
    source, target = (np.full((1, 18, 2), -1.0, np.float32) for _ in range(2))
    source[0, 5 : 5 + shared], target[0, 5 : 5 + shared] = (10, 10), (50, 30)
    source[0, 2], target[0, 3] = (9, 9), (8, 8)
    transforms = part_transforms(source, target, CANVAS).numpy()[0]
    np.testing.assert_array_equal(transforms[0], IDENTITY)
    np.testing.assert_array_equal(transforms[1:], [NOWHERE] * 9)


def test_no_shared_head_joint_leaves_the_head_nowhere():
    source, target = sample_poses(1, 128, seed=13), sample_poses(1, 128, seed=14)
    source[0, [0, 14]], target[0, [15, 16, 17]] = -1, -1
    np.testing.assert_array_equal(part_transforms(source, target, CANVAS)[0, 1], NOWHERE)


def test_random_missing_joints_never_give_nan():
    generator = np.random.default_rng(15)
    source, target = sample_poses(200, 128, seed=16), sample_poses(200, 128, seed=17)
    for poses in (source, target):
        poses[generator.random((200, 18)) < 0.5] = -1
        poses[:50] = np.where(poses[:50] >= 0, np.round(poses[:50] / 32) * 32, -1)  # many coincide
    assert np.isfinite(part_transforms(source, target, CANVAS)).all()
