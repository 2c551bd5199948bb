"""OpenPose's --write_json, and what pose editors and ControlNet write in its form.

One file a picture, `<stem>_keypoints.json`: {"people": [{"pose_keypoints_2d": [x0, y0, c0, x1, ...]}]} with
25 joints (BODY_25), 18 (COCO) or 15 (MPI); `pose_keypoints` in old files. What was not found is 0, 0, 0. The
order of the people means nothing. --keypoint_scale=3 of OpenPose writes [0, 1], 4 writes [-1, 1], and nothing
in the file says so: OpenPose doc/02_output.md; utilities/keypointScaler.hpp divides by the size less one.

Editors and ControlNet add `canvas_width` and `canvas_height`; a part may be null; ComfyUI puts the object
into a list. sd-webui-controlnet writes [0, 1] of the canvas under the same keys where others write pixels.
"""

from __future__ import annotations

from typing import Any

from spt_tf.perception.pose_files.found_people import FoundPicture, PoseSource
from spt_tf.perception.pose_files.joint_orders import OPENPOSE_ORDERS
from spt_tf.perception.pose_files.json_values import has_keys, objects_of, person_of, size_of
from spt_tf.perception.pose_files.pose_format import PoseFormat

_KEYS = ("pose_keypoints_2d", "pose_keypoints")
_SUFFIX = "_keypoints"


def _matches(document: Any) -> bool:
    if isinstance(document, list):
        return len(document) > 0 and all(has_keys(entry, "people") for entry in document)
    return has_keys(document, "people")


def _read(document: Any, source: PoseSource) -> list[FoundPicture]:
    if isinstance(document, list):
        if len(document) != 1:
            raise source.error(f"expected one picture a file, found a list of {len(document):,}")
        document = document[0]
    if not has_keys(document, "people"):
        raise source.error('expected an object with "people"')
    people = []
    for number, person in enumerate(objects_of(document["people"], "people", source)):
        key = next((key for key in _KEYS if key in person), None)
        if key is None:
            raise source.error(f"people[{number}]: expected {' or '.join(_KEYS)}")
        if person[key]:  # null, or an empty list, where only a hand or a face was found
            people.append(person_of(person[key], OPENPOSE_ORDERS, f"people[{number}].{key}", source))
    size = size_of(document, "canvas_height", "canvas_width", source)
    stem = source.stem
    name = stem[: -len(_SUFFIX)] if stem.endswith(_SUFFIX) else stem
    return [FoundPicture(name, tuple(people), None, size, over_last_pixel=size is None)]


# 0.1 is the threshold of the literature's own annotation files (pose-gan, compute_coordinates.py: th1).
FORMAT = PoseFormat("openpose", 0.1, _matches, _read)
