"""AlphaPose's `alphapose-results.json`, and its `--format open` and `cmu`, together or in `sep-json/`.

Its own form is a list of {"image_id": "a.jpg", "keypoints": [x0, y0, score0, ...], "score", "box"}, with 17,
26, 133 or 136 joints. Every joint gets a place, however bad: the score is all that tells. `open` and `cmu`
are objects by file name, of people in OpenPose's 18 joints. There the neck is taken from numbers 51 to 53 of
the list to which the mean of the shoulders was appended: right for 17 joints, but a 26- or 136-joint model
has the head's top in that place (alphapose/utils/pPose_nms.py, write_json). So the neck of these two is never
believed: it is put between the shoulders, which is what it is where it is right.
"""

from __future__ import annotations

from typing import Any

from spt_tf.perception.pose_files.found_people import FoundPerson, FoundPicture, PoseSource, Unit
from spt_tf.perception.pose_files.joint_orders import COCO_ORDERS, OPENPOSE_18, without_neck
from spt_tf.perception.pose_files.json_values import (
    has_keys,
    is_list_of_objects,
    name_of,
    objects_of,
    person_of,
)
from spt_tf.perception.pose_files.pose_format import PoseFormat

_PEOPLE = {"people": "pose_keypoints_2d", "bodies": "joints"}  # of `open` and of `cmu`


def _matches(document: Any) -> bool:
    if is_list_of_objects(document, "image_id", "keypoints"):
        return isinstance(document[0]["image_id"], str)
    if _is_one_picture(document):
        return str(document.get("version", "")).startswith("AlphaPose") or "bodies" in document
    return isinstance(document, dict) and bool(document) and all(map(_is_one_picture, document.values()))


def _is_one_picture(value: Any) -> bool:
    return any(has_keys(value, key) for key in _PEOPLE)


def _read(document: Any, source: PoseSource) -> list[FoundPicture]:
    if isinstance(document, list):
        return _own_form(document, source)
    if _is_one_picture(document):
        return [FoundPicture(source.stem, _people(document, source.stem, source), Unit.PIXELS)]
    if not isinstance(document, dict):
        raise source.error("expected AlphaPose's list of people or object by file name")
    return [
        FoundPicture(name_of(name, "a key", source), _people(record, name, source), Unit.PIXELS)
        for name, record in document.items()
    ]


def _own_form(document: list[Any], source: PoseSource) -> list[FoundPicture]:
    people: dict[str, list[FoundPerson]] = {}
    for number, record in enumerate(objects_of(document, "the file", source)):
        name = name_of(record.get("image_id"), f"[{number}].image_id", source)
        person = person_of(record.get("keypoints"), COCO_ORDERS, f"[{number}].keypoints", source)
        people.setdefault(name, []).append(person)
    return [FoundPicture(name, tuple(found), Unit.PIXELS) for name, found in people.items()]


def _people(record: Any, name: str, source: PoseSource) -> tuple[FoundPerson, ...]:
    if not _is_one_picture(record):
        raise source.error(f"{name}: expected an object with {' or '.join(_PEOPLE)}")
    key = next(key for key in _PEOPLE if key in record)
    orders = {18: OPENPOSE_18}
    return tuple(
        without_neck(person_of(person.get(_PEOPLE[key]), orders, f"{name}: {key}[{number}]", source))
        for number, person in enumerate(objects_of(record[key], f"{name}: {key}", source))
    )


# Scores reach 1, with older models 6 (doc/output.md); a joint guessed at has next to nothing.
FORMAT = PoseFormat("alphapose", 0.2, _matches, _read)
