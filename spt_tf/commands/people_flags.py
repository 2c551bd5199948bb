"""The flags that name people of a folder: images, keypoints, parsings; or photos, and nothing but them."""

from __future__ import annotations

from absl import flags

_OTHERS = ("annotations", "parsing_dir")


def define_people_flags(images: str, whose: str, required: bool = True) -> None:
    """Defines three flags: one by the name of `images`, --annotations, --parsing_dir.

    whose: keypoints --annotations holds, in its help text. required: absl itself asks for all three.
    """
    flags.DEFINE_string(images, None, "Folder of images.", required=required)
    flags.DEFINE_string(
        "annotations",
        None,
        f"Keypoints of {whose}: a CSV, name:keypoints_y:keypoints_x, or pose files of another tool (a .json, "
        "or a folder of them), as scripts/import_poses.py reads them.",
        required=required,
    )
    flags.DEFINE_string(
        "parsing_dir", None, "Folder of their parsing maps, <stem>.png or .npy.", required=required
    )


def require_people_or_photos(images: str, *not_with_photos: str) -> None:
    """Registers that either --photos is given, or all that `define_people_flags` defined.

    not_with_photos: other flags that --photos leaves no room for.
    """
    people = (images, *_OTHERS)
    flags.register_multi_flags_validator(
        ["photos", *people, *not_with_photos],
        lambda given: (
            not any(given[name] for name in (*people, *not_with_photos))
            if given["photos"]
            else all(given[name] for name in people)
        ),
        f"give --photos alone, or --{images}, --annotations and --parsing_dir",
    )
