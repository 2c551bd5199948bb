"""MMPose's predictions: `<stem>.json`, a list of {keypoints: [[x, y], ...], keypoint_scores: [...]}.

mmpose/structures/utils.py, split_instances. Joints are those of the model: COCO's 17, Halpe's 26 or
COCO-WholeBody's 133. An empty list is a picture with nobody in it.
"""

from __future__ import annotations

from typing import Any

from spt_tf.perception.pose_files.found_people import FoundPerson, FoundPicture, PoseSource, Unit
from spt_tf.perception.pose_files.joint_orders import COCO_ORDERS
from spt_tf.perception.pose_files.json_values import is_list_of_objects, objects_of, person_of, shown
from spt_tf.perception.pose_files.pose_format import PoseFormat


def _matches(document: Any) -> bool:
    return document == [] or is_list_of_objects(document, "keypoints", "keypoint_scores")


def _read(document: Any, source: PoseSource) -> list[FoundPicture]:
    people = tuple(
        _person(record, number, source)
        for number, record in enumerate(objects_of(document, "the file", source))
    )
    return [FoundPicture(source.stem, people, Unit.PIXELS)]


def _person(record: dict[str, Any], number: int, source: PoseSource) -> FoundPerson:
    points, scores = record.get("keypoints"), record.get("keypoint_scores")
    if not isinstance(points, list) or not isinstance(scores, list) or len(points) != len(scores):
        raise source.error(
            f"[{number}]: expected as many keypoints as keypoint_scores, found {shown(points)} and "
            f"{shown(scores)}"
        )
    flat: list[Any] = []
    for place, (point, score) in enumerate(zip(points, scores)):
        if not isinstance(point, list) or len(point) != 2:
            raise source.error(f"[{number}].keypoints[{place}]: expected [x, y], found {shown(point)}")
        flat += [*point, score]
    return person_of(flat, COCO_ORDERS, f"[{number}].keypoints", source)


FORMAT = PoseFormat("mmpose", 0.3, _matches, _read)
