"""MediaPipe's landmarks, which have no file of their own: what people save of them.

33 objects with x and y in [0, 1] of the picture and a `visibility`, as protobuf's MessageToDict and the
JavaScript solution write them: a list, or {"landmark": [...]}, {"landmarks": ...}, {"pose_landmarks": ...},
{"poseLandmarks": ...}; of the newer tasks a list of people, each such a list. One file a picture,
`<stem>.json`, or an object by file name; null or [] where nobody was found. A coordinate may lie outside the
picture. MessageToDict leaves zeros out.

One person a picture, and that a crop with the face in view: without the head MediaPipe finds nothing, and on
a back view it calls the face visible (google-ai-edge/mediapipe#5157, #5906).
"""

from __future__ import annotations

from typing import Any

import numpy as np

from spt_tf.perception.pose_files.found_people import FoundPerson, FoundPicture, PoseSource, Unit
from spt_tf.perception.pose_files.joint_orders import MEDIAPIPE, in_our_order
from spt_tf.perception.pose_files.json_values import has_keys, number_of, objects_of
from spt_tf.perception.pose_files.pose_format import PoseFormat

_KEYS = ("landmark", "landmarks", "pose_landmarks", "poseLandmarks")
_LANDMARKS = 33


def _matches(document: Any) -> bool:
    if _is_one_picture(document) or (has_keys(document) and set(document) <= set(_KEYS)):
        return True
    return (
        isinstance(document, dict)
        and any(document.values())
        and all(not value or _is_one_picture(value) for value in document.values())
    )


def _is_one_picture(value: Any) -> bool:
    value = _unwrapped(value)
    if isinstance(value, list) and value and isinstance(value[0], list):
        value = value[0]
    return isinstance(value, list) and len(value) == _LANDMARKS and isinstance(value[0], dict)


def _unwrapped(value: Any) -> Any:
    """What is under MediaPipe's keys: {"pose_landmarks": {"landmark": [...]}} is the list."""
    for _ in _KEYS:
        key = next((key for key in _KEYS if isinstance(value, dict) and key in value), None)
        if key is None:
            break
        value = value[key]
    return value


def _read(document: Any, source: PoseSource) -> list[FoundPicture]:
    if isinstance(document, dict) and not _is_one_picture(document) and not set(document) <= set(_KEYS):
        return [_picture(name, value, source) for name, value in document.items()]
    return [_picture(source.stem, document, source)]


def _picture(name: str, value: Any, source: PoseSource) -> FoundPicture:
    found = _unwrapped(value)
    if not found:
        return FoundPicture(name, (), Unit.SHARES)
    people = found if isinstance(found, list) and isinstance(found[0], list) else [found]
    return FoundPicture(name, tuple(_person(person, name, source) for person in people), Unit.SHARES)


def _person(value: Any, name: str, source: PoseSource) -> FoundPerson:
    landmarks = objects_of(value, name, source)
    if len(landmarks) != _LANDMARKS:
        raise source.error(f"{name}: expected {_LANDMARKS} landmarks, found {len(landmarks)}")
    if not any("visibility" in landmark for landmark in landmarks):
        raise source.error(f"{name}: no landmark has a visibility, and every one has a place: save it, too")
    joints = [
        [
            number_of(landmark.get(key, 0.0), f"{name}: landmark {number}, {key}", source)
            for key in ("x", "y", "visibility")
        ]
        for number, landmark in enumerate(landmarks)
    ]
    return in_our_order(np.array(joints), MEDIAPIPE)


FORMAT = PoseFormat("mediapipe", 0.5, _matches, _read)
