"""Wishes are granted by the applications, and what was not asked for stays."""

from __future__ import annotations

import numpy as np
import pytest

from spt_tf.anatomy import LABEL
from spt_tf.applications.parsing_edits.edits import near_change
from spt_tf.applications.texture_transfer import transfer_texture
from spt_tf.studio.draw import Artist, Clothes, Wish

TOP = LABEL["upper_clothes"]


class Counting:
    """A model that counts its calls."""

    def __init__(self, model, predicts_parsing=True):
        self._model, self.calls = model, []
        self.canvas, self.predicts_parsing, self.title = model.canvas, predicts_parsing, "counting"

    def transfer_pose(self, *inputs):
        self.calls.append("transfer_pose")
        return self._model.transfer_pose(*inputs)

    def render(self, *inputs):
        self.calls.append("render")
        return self._model.render(*inputs)


def test_a_pose_is_drawn_as_the_model_draws_it(model, two_people):
    person, other = two_people
    granted = Artist(model).draw(Wish(person, other.keypoints))
    image, parsing = model.transfer_pose(*person, other.keypoints)
    assert (granted.person.image == image).all() and (granted.person.parsing == parsing).all()
    assert granted.donor is None and granted.remarks == ()


def test_a_painted_map_changes_the_picture_there_alone(model, two_people):
    person, other = two_people
    counting = Counting(model)
    artist = Artist(counting)
    before = artist.draw(Wish(person, other.keypoints)).person
    painted = before.parsing.copy()
    painted[30:34, 10:20] = (painted[30:34, 10:20] + 1) % 10
    after = artist.draw(Wish(person, other.keypoints, painted)).person
    near = near_change(before.parsing, painted)
    assert (after.image != before.image)[near].any()
    assert (after.image == before.image)[~near].all()
    assert (after.parsing == painted).all()
    assert counting.calls == ["transfer_pose", "render"]  # the person was not moved a second time


def test_an_unchanged_map_costs_nothing(model, two_people):
    person, other = two_people
    counting = Counting(model)
    artist = Artist(counting)
    before = artist.draw(Wish(person, other.keypoints)).person
    again = artist.draw(Wish(person, other.keypoints, before.parsing)).person
    assert (again.image == before.image).all() and counting.calls == ["transfer_pose"]


def test_a_model_that_predicts_no_map_draws_on_the_given_one(model, two_people):
    person, other = two_people
    counting = Counting(model, predicts_parsing=False)
    drawn = Artist(counting).draw(Wish(person, other.keypoints, other.parsing)).person
    assert (drawn.image == model.render(*person, other.parsing, other.keypoints)).all()
    assert counting.calls == ["render"]


def test_borrowed_clothes_are_the_donor_s_and_all_else_stays(model, two_people):
    person, donor = two_people
    artist = Artist(model)
    own_map = person.parsing  # painted: an untrained network predicts no top
    before = artist.draw(Wish(person, person.keypoints, own_map)).person
    granted = artist.draw(Wish(person, person.keypoints, own_map, Clothes(donor, (TOP,), False)))
    inside = granted.person.parsing == TOP
    assert (granted.person.image == transfer_texture(model, donor, before, (TOP,)).image).all()
    assert (granted.person.image != before.image)[inside].any()
    assert (granted.person.image[~inside] == before.image[~inside]).all()
    back = granted.donor
    assert (back.image[donor.parsing != TOP] == donor.image[donor.parsing != TOP]).all()
    assert (back.image != donor.image).any()


def test_the_donor_s_cut_comes_with_the_cloth(model, two_people):
    person, donor = two_people
    artist = Artist(model)
    own = artist.draw(Wish(person, person.keypoints)).person.parsing
    theirs = artist.draw(Wish(donor, person.keypoints)).person.parsing
    label = max(set(theirs[theirs > 0]), key=lambda one: ((theirs == one) != (own == one)).sum())
    granted = artist.draw(Wish(person, person.keypoints, None, Clothes(donor, (int(label),), True)))
    assert ((granted.person.parsing == label) == (theirs == label)).all()


def test_what_nobody_wears_is_refused(model, two_people):
    person, donor = two_people
    without = donor._replace(parsing=np.where(donor.parsing == TOP, 0, donor.parsing).astype(np.uint8))
    with pytest.raises(ValueError, match="the source wears no upper_clothes"):
        Artist(model).draw(Wish(person, person.keypoints, person.parsing, Clothes(without, (TOP,), False)))
