"""Which kind of people the flags of batch_score, beam_score and client name."""

from __future__ import annotations

from types import SimpleNamespace

from spt_tf.commands.batch_score import people_paths
from spt_tf.serving.people_files import PeoplePaths
from spt_tf.serving.photo_files import PhotoPaths

_FOLDERS = dict(images_dir="i", parsing_dir="p", annotations="a.csv", target_parsing_dir=None)
_PHOTOS = dict(photos=None, target_photos=None, target_annotations=None)


def test_folders_name_people_with_all_that_is_known_of_them():
    assert people_paths(SimpleNamespace(**_FOLDERS, **_PHOTOS)) == PeoplePaths("i", "p", "a.csv", None)


def test_photos_need_nothing_else():
    nothing = dict.fromkeys(_FOLDERS)
    given = SimpleNamespace(**{**nothing, **_PHOTOS, "photos": "f", "target_annotations": "t.csv"})
    assert people_paths(given) == PhotoPaths("f", None, "t.csv")
