"""COCO's annotations: {"images": [{id, file_name, width, height}], "annotations": [{image_id, keypoints}]}.

The third number of a joint is no score: 0 is not labelled, 1 labelled and hidden, 2 visible. Both of the
latter are taken. Crowds, and annotations without a joint, are nobody. COCO-WholeBody's lists its further
joints under other keys.
"""

from __future__ import annotations

from typing import Any

from spt_tf.perception.pose_files.found_people import FoundPerson, FoundPicture, PoseSource, Unit
from spt_tf.perception.pose_files.joint_orders import COCO_ORDERS
from spt_tf.perception.pose_files.json_values import has_keys, name_of, objects_of, person_of, size_of
from spt_tf.perception.pose_files.pose_format import PoseFormat

ImageNames = dict[int, tuple[str, "tuple[int, int] | None"]]


def image_names(document: Any, source: PoseSource) -> ImageNames:
    """Picture names and sizes by id, of a COCO file's "images". Raises PoseFileError."""
    if not has_keys(document, "images"):
        raise source.error('expected an object with "images", as COCO\'s annotation files are')
    names: ImageNames = {}
    for number, image in enumerate(objects_of(document["images"], "images", source)):
        name = name_of(image.get("file_name"), f"images[{number}].file_name", source)
        number_id = image_id(image.get("id"), f"images[{number}].id", source)
        names[number_id] = name, size_of(image, "height", "width", source)
    return names


def image_id(value: Any, what: str, source: PoseSource) -> int:
    """A whole number, or PoseFileError."""
    if type(value) is not int:
        raise source.error(f"{what}: expected a whole number")
    return value


def pictures_of(
    people: dict[int, list[FoundPerson]], names: ImageNames, source: PoseSource
) -> list[FoundPicture]:
    """FoundPictures of people by image id. Raises PoseFileError on an id that no image has."""
    unknown = [number for number in people if number not in names]
    if unknown:
        raise source.error(f"image_id {unknown[0]}: no image has this id")
    return [
        FoundPicture(names[number][0], tuple(found), Unit.PIXELS, names[number][1])
        for number, found in people.items()
    ]


def _matches(document: Any) -> bool:
    return has_keys(document, "images", "annotations")


def _read(document: Any, source: PoseSource) -> list[FoundPicture]:
    if not _matches(document):
        raise source.error('expected an object with "images" and "annotations"')
    names = image_names(document, source)
    people: dict[int, list[FoundPerson]] = {number: [] for number in names}
    for number, record in enumerate(objects_of(document["annotations"], "annotations", source)):
        what = f"annotations[{number}]"
        found = people.setdefault(image_id(record.get("image_id"), f"{what}.image_id", source), [])
        if "keypoints" not in record or record.get("iscrowd") or record.get("num_keypoints") == 0:
            continue
        found.append(person_of(record["keypoints"], COCO_ORDERS, f"{what}.keypoints", source))
    return pictures_of(people, names, source)


FORMAT = PoseFormat("coco_annotations", 1.0, _matches, _read)
