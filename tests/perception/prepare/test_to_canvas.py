"""Boxes, and what becomes of pictures, maps and joints in them."""

from __future__ import annotations

import numpy as np
import pytest

from spt_tf.perception.prepare.box import Box, around_person, whole_picture
from spt_tf.perception.prepare.to_canvas import image_on_canvas, keypoints_on_canvas, labels_on_canvas
from tests.perception.pose_files.writers import a_pose

CANVAS = (64, 32)
SIZE = (300, 400)


def _pose(top: float = 60, left: float = 200, scale: float = 3.0) -> np.ndarray:
    return a_pose() * scale + [top, left - 15 * scale]


@pytest.mark.parametrize("size", [(64, 32), (640, 320), (300, 400), (50, 10), (1, 1), (33, 17)])
def test_a_letterbox_holds_the_photo_in_its_middle(size):
    box = whole_picture(size, CANVAS)
    assert box.top <= 0 and box.left <= 0
    assert box.top + box.height >= size[0] and box.left + box.width >= size[1]
    assert abs(-box.top - (box.top + box.height - size[0])) <= 1
    assert abs(-box.left - (box.left + box.width - size[1])) <= 1
    assert abs(box.height - box.width * 2) <= 2
    assert box.height == size[0] or box.width == size[1]


def test_a_photo_of_the_canvas_stays_as_it_is_when_letterboxed():
    random = np.random.default_rng(0)
    image, labels = random.integers(0, 256, (*CANVAS, 3), np.uint8), random.integers(0, 10, CANVAS, np.uint8)
    box = whole_picture(CANVAS, CANVAS)
    assert box == (0, 0, *CANVAS)
    np.testing.assert_array_equal(image_on_canvas(image, box, CANVAS), image)
    np.testing.assert_array_equal(labels_on_canvas(labels, box, CANVAS), labels)
    pose = np.round(random.uniform(0, 31, (18, 2)), 2)
    moved, outside = keypoints_on_canvas(pose, box, CANVAS)
    np.testing.assert_allclose(moved, pose, atol=1e-5)
    assert outside == 0


def test_the_box_around_a_person_holds_every_joint_and_is_of_the_canvas_shape():
    pose = _pose()
    pose[4] = -1
    box = around_person(pose, None, SIZE, CANVAS, 0.05)
    moved, outside = keypoints_on_canvas(pose, box, CANVAS)
    assert outside == 0 and (moved[4] == -1).all() and (np.delete(moved, 4, 0) >= 0).all()
    assert abs(box.height - 2 * box.width) <= 2
    # The person fills the canvas: nearly all of its height is between eyes and ankles.
    assert 0.7 * CANVAS[0] < np.ptp(np.delete(moved, 4, 0)[:, 0]) < 0.95 * CANVAS[0]
    wide = around_person(pose, None, SIZE, CANVAS, 0.5)
    assert wide.height > 1.5 * box.height


def test_a_box_is_moved_into_the_photo_where_it_fits_and_reaches_beyond_where_it_does_not():
    for left in (20, 390):
        box = around_person(_pose(left=left, scale=1.5), None, SIZE, CANVAS, 0.05)
        assert box.left >= 0 and box.left + box.width <= SIZE[1]
    tall = around_person(_pose(top=-10, scale=5.0), None, SIZE, CANVAS, 0.2)
    assert tall.height > SIZE[0] and tall.top < 0 and tall.top + tall.height > SIZE[0]


def test_the_silhouette_widens_the_box_and_another_person_s_does_not():
    pose = _pose()
    labels = np.zeros(SIZE, np.uint8)
    labels[70:280, 190:230] = 3
    alone = around_person(pose, labels, SIZE, CANVAS, 0.0)
    labels[20:70, 190:220] = 2  # hair above the head, of the same patch
    taller = around_person(pose, labels, SIZE, CANVAS, 0.0)
    assert taller.top <= 20 < alone.top
    labels[:, 350:] = 3
    assert around_person(pose, labels, SIZE, CANVAS, 0.0) == taller
    assert around_person(pose, np.zeros(SIZE, np.uint8), SIZE, CANVAS, 0.0) == around_person(
        pose, None, SIZE, CANVAS, 0.0
    )


@pytest.mark.parametrize("box", [Box(40, 130, 240, 120), Box(-60, 40, 480, 240), Box(100, 180, 50, 25)])
def test_picture_map_and_joints_move_by_one_transform(box):
    """A disc about a joint, in the picture and in the map, lies about the joint on the canvas."""
    pose = np.full((18, 2), -1.0)
    pose[0] = (119.0, 187.0)
    rows, columns = np.mgrid[: SIZE[0], : SIZE[1]]
    disc = np.hypot(rows - 119, columns - 187) < max(4, box.height / 12)
    image = np.where(disc[..., None], 255, 0).astype(np.uint8).repeat(3, axis=2)
    labels = np.where(disc, 4, 0).astype(np.uint8)
    moved, _ = keypoints_on_canvas(pose, box, CANVAS)
    seen = image_on_canvas(image, box, CANVAS)[..., 0].astype(float)
    marked = labels_on_canvas(labels, box, CANVAS)
    grid = np.mgrid[: CANVAS[0], : CANVAS[1]]
    for weight in (seen, marked == 4):
        centre = (grid * weight).sum(axis=(1, 2)) / weight.sum()
        np.testing.assert_allclose(centre, moved[0], atol=0.3)


def test_joints_beyond_the_canvas_become_missing_and_are_counted():
    pose = np.array([(10.0, 10.0), (73.4, 10), (73.6, 10), (9.4, 10), (9.6, 10), *[(-1, -1)] * 13])
    moved, outside = keypoints_on_canvas(pose, Box(10, 0, 64, 32), CANVAS)
    assert outside == 1
    assert moved[:5].tolist() == [
        [0, 10],
        [pytest.approx(63.4), 10],
        [pytest.approx(63.6), 10],
        [-1, -1],
        [0, 10],
    ]
    assert (moved < CANVAS).all()


def test_a_shrunk_map_has_the_label_of_most_of_each_pixel_and_no_new_ones():
    labels = np.zeros((128, 64), np.uint8)
    labels[::2, ::2] = 9  # a quarter of each 2x2
    labels[64:, 1:] = 5
    shrunk = labels_on_canvas(labels, Box(0, 0, 128, 64), CANVAS)
    np.testing.assert_array_equal(shrunk[:32], 0)
    np.testing.assert_array_equal(shrunk[32:, 1:], 5)
    random = np.random.default_rng(0).choice([0, 3, 8], (300, 400)).astype(np.uint8)
    for box in (Box(0, 0, 300, 150), Box(100, 100, 40, 20), Box(-30, -30, 100, 50)):
        assert set(np.unique(labels_on_canvas(random, box, CANVAS))) <= {0, 3, 8}


def test_what_lies_beyond_the_photo_is_background_of_its_border_s_colour():
    image = np.full((20, 20, 3), (10, 200, 30), np.uint8)
    image[5:15, 5:15] = 255
    box = whole_picture((20, 20), CANVAS)
    canvas = image_on_canvas(image, box, CANVAS)
    assert (canvas[0] == (10, 200, 30)).all() and (canvas[-1] == (10, 200, 30)).all()
    labels = labels_on_canvas(np.full((20, 20), 3, np.uint8), box, CANVAS)
    assert (labels[0] == 0).all() and (labels[32] == 3).all()
