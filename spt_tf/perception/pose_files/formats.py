"""The formats of pose files that are read, and which of them a document is."""

from __future__ import annotations

from typing import Any

from spt_tf.perception.pose_files import (
    alphapose,
    coco_annotations,
    coco_results,
    mediapipe,
    mmpose,
    openpifpaf,
    openpose,
)
from spt_tf.perception.pose_files.found_people import PoseSource
from spt_tf.perception.pose_files.json_values import shown
from spt_tf.perception.pose_files.pose_format import PoseFormat

# By the names of `format_names`, in the order in which a document is tried: AlphaPose's `open` form is
# OpenPose's with a version of its own.
FORMATS: dict[str, PoseFormat] = {
    module.FORMAT.name: module.FORMAT
    for module in (alphapose, openpose, coco_annotations, coco_results, mmpose, openpifpaf, mediapipe)
}


def format_of(document: Any, source: PoseSource) -> PoseFormat:
    """The format that a document is of, by its keys. Raises PoseFileError where it is none of them."""
    for pose_format in FORMATS.values():
        if pose_format.matches(document):
            return pose_format
    keys = f" with {', '.join(map(repr, list(document)[:4]))}" if isinstance(document, dict) else ""
    raise source.error(f"none of {', '.join(FORMATS)}: found {shown(document)}{keys}")
