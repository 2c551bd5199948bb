"""OpenPifPaf's --json-output: `<name>.predictions.json`, a list of {keypoints, bbox, score, category_id}.

Joints are COCO's 17, or COCO-WholeBody's 133, flat, with a score each.
"""

from __future__ import annotations

from typing import Any

from spt_tf.perception.pose_files.found_people import FoundPicture, PoseSource, Unit
from spt_tf.perception.pose_files.joint_orders import COCO_ORDERS
from spt_tf.perception.pose_files.json_values import is_list_of_objects, objects_of, person_of
from spt_tf.perception.pose_files.pose_format import PoseFormat

_SUFFIX = ".predictions"


def _matches(document: Any) -> bool:
    return is_list_of_objects(document, "keypoints", "category_id") and "image_id" not in document[0]


def _read(document: Any, source: PoseSource) -> list[FoundPicture]:
    people = tuple(
        person_of(record.get("keypoints"), COCO_ORDERS, f"[{number}].keypoints", source)
        for number, record in enumerate(objects_of(document, "the file", source))
    )
    stem = source.stem
    name = stem[: -len(_SUFFIX)] if stem.endswith(_SUFFIX) else stem
    return [FoundPicture(name, people, Unit.PIXELS)]


FORMAT = PoseFormat("openpifpaf", 0.2, _matches, _read)
