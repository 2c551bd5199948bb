"""What --format may be: apart from the formats themselves, so that --help need not load them."""

from __future__ import annotations

FORMAT_NAMES = (
    "alphapose",
    "openpose",
    "coco_annotations",
    "coco_results",
    "mmpose",
    "openpifpaf",
    "mediapipe",
)
