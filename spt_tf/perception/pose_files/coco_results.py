"""COCO's result files: a list of {image_id, category_id, keypoints, score}.

The third number of a joint is a score here. `image_id` is a number, and which picture that is only the
annotation file's "images" tell: --coco_images. AlphaPose writes the same where it is run for evaluation.
"""

from __future__ import annotations

from typing import Any

from spt_tf.perception.pose_files.coco_annotations import image_id, pictures_of
from spt_tf.perception.pose_files.found_people import FoundPerson, FoundPicture, PoseSource
from spt_tf.perception.pose_files.joint_orders import COCO_ORDERS
from spt_tf.perception.pose_files.json_values import is_list_of_objects, objects_of, person_of
from spt_tf.perception.pose_files.pose_format import PoseFormat


def _matches(document: Any) -> bool:
    return is_list_of_objects(document, "image_id", "keypoints") and type(document[0]["image_id"]) is int


def _read(document: Any, source: PoseSource) -> list[FoundPicture]:
    if source.image_names is None:
        raise source.error(
            "COCO results name pictures by number: give the annotation file with their names, --coco_images"
        )
    people: dict[int, list[FoundPerson]] = {}
    for number, record in enumerate(objects_of(document, "the file", source)):
        found = people.setdefault(image_id(record.get("image_id"), f"[{number}].image_id", source), [])
        found.append(person_of(record.get("keypoints"), COCO_ORDERS, f"[{number}].keypoints", source))
    return pictures_of(people, source.image_names, source)


FORMAT = PoseFormat("coco_results", 0.2, _matches, _read)
