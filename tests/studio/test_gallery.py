"""Who the page offers."""

from __future__ import annotations

import io

import numpy as np
import pytest
from PIL import Image

from spt_tf.data.datasets import load_people
from spt_tf.studio import gallery as module
from spt_tf.studio.gallery import Gallery
from tests.studio.conftest import CANVAS


def test_it_shows_people_spread_over_the_index(data_dir, monkeypatch):
    monkeypatch.setattr(module, "MOST_PEOPLE", 3)
    index = load_people(data_dir, "test", CANVAS)
    gallery = Gallery(index)
    assert gallery.people == [index.names[n] for n in (0, len(index) // 3, 2 * len(index) // 3)]
    shown = gallery.person(1)
    assert (shown.image == index.image(len(index) // 3)).all()
    assert (np.array(Image.open(io.BytesIO(gallery.picture(1)))) == shown.image).all()


def test_the_first_has_most_joints_in_sight(gallery):
    joints = [(gallery.person(n).keypoints >= 0).all(axis=1).sum() for n in range(len(gallery.people))]
    assert joints[gallery.first] == max(joints)


def test_poses_differ_and_are_of_the_people(gallery, data_dir):
    everybody = load_people(data_dir, "test", CANVAS).keypoints
    assert len(gallery.poses) > 1
    assert len({pose.tobytes() for pose in gallery.poses}) == len(gallery.poses)
    assert all((pose == everybody).all(axis=(1, 2)).any() for pose in gallery.poses)


@pytest.mark.parametrize("number", [-1, 10**6])
def test_nobody_else_is_given(gallery, number):
    with pytest.raises(IndexError):
        gallery.person(number)


def test_without_a_data_directory_nobody_is_there():
    nobody = module.open_gallery(None, CANVAS)
    assert nobody.people == [] and len(nobody.poses) == 0
    with pytest.raises(IndexError):
        nobody.person(0)
