"""Turns the pose files of other tools into this project's annotation CSV, and draws them for a look.

    python scripts/import_poses.py --poses=openpose_json --images_dir=photos --output=photos/keypoints.csv

Reads OpenPose (BODY_25, COCO, MPI), pose editors and ControlNet, AlphaPose, COCO annotations and results,
MMPose, OpenPifPaf, MediaPipe, and annotation CSVs: a file, or a folder of them. docs/own_photos.md has more.
"""

from __future__ import annotations

import functools
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from absl import flags

from spt_tf.commands.command import fail, print_left_out, run_command

if TYPE_CHECKING:
    from spt_tf.perception.pose_files.choose_person import PoseRules

FLAGS = flags.FLAGS


def define_flags() -> None:
    """Defines the flags, with their checks."""
    flags.DEFINE_string("poses", None, "A pose file, or a folder of .json of them.", required=True)
    flags.DEFINE_string("images_dir", None, "Folder of the pictures that they are of.", required=True)
    flags.DEFINE_string("output", None, "Where the CSV goes, such as photos/keypoints.csv.", required=True)
    flags.DEFINE_string(
        "sheet", None, "Where the pictures with their skeletons go; default: <output>_sheet.png."
    )
    define_pose_flags()


def define_pose_flags() -> None:
    """Defines the flags that say how pose files are read."""
    from spt_tf.perception.pose_files.format_names import FORMAT_NAMES

    flags.DEFINE_enum(
        "format", None, [*FORMAT_NAMES, "csv"], "Format of the files; default: known by content."
    )
    flags.DEFINE_enum(
        "keypoint_scale",
        None,
        ["pixels", "unit", "signed"],
        "What coordinates are counted in: unit is [0, 1] of the picture, signed [-1, 1]; default: as the "
        "format has it. Asked for where both fit.",
    )
    flags.DEFINE_string(
        "person", "best", "Of several people: best (sum of scores), largest (box), or a number from 0."
    )
    flags.DEFINE_float(
        "min_score", None, "From which score a joint is found; default: the format's own.", lower_bound=0.0
    )
    flags.DEFINE_integer("min_joints", 4, "Who has fewer joints is nobody.", lower_bound=1, upper_bound=18)
    flags.DEFINE_string("coco_images", None, "COCO annotation file that names the pictures of COCO results.")
    flags.register_validator(
        "person",
        lambda given: given in ("best", "largest") or (given.isascii() and given.isdigit()),
        message="expected best, largest, or a number from 0",
    )


def pose_rules(values: flags.FlagValues) -> PoseRules:
    """What those flags were given."""
    from spt_tf.perception.pose_files.choose_person import PoseRules
    from spt_tf.perception.pose_files.found_people import Unit

    scale = values.keypoint_scale
    return PoseRules(
        format=values.format,
        keypoint_scale=None if scale is None else Unit(scale),
        person=int(values.person) if values.person.isdigit() else values.person,
        min_score=values.min_score,
        min_joints=values.min_joints,
        coco_images=values.coco_images,
    )


def main(argv: list[str]) -> None:
    """Imports; exit status 1 where something was left out, 2 where nothing could be read."""
    from spt_tf.data.annotations import write_annotations
    from spt_tf.data.left_out_list import write_left_out
    from spt_tf.perception.pose_files.overlay import write_overlay_sheet
    from spt_tf.perception.pose_files.picture_files import PictureFolder
    from spt_tf.perception.pose_files.read_poses import read_poses
    from spt_tf.perception.pose_files.sides import swapped_eyes_warning

    output = Path(FLAGS.output)
    sheet = Path(FLAGS.sheet) if FLAGS.sheet else output.with_name(f"{output.stem}_sheet.png")
    try:
        imported = read_poses(FLAGS.poses, PictureFolder(FLAGS.images_dir), pose_rules(FLAGS))
        write_annotations(output, imported.keypoints)
        drawn = write_overlay_sheet(sheet, FLAGS.images_dir, imported.keypoints)
    except (ValueError, OSError) as error:
        fail(error)
    print(imported.summary())
    warning = swapped_eyes_warning(imported.keypoints.values())
    if warning:
        print(f"warning: {warning}", file=sys.stderr)
    print(f"{len(imported.poses):,} poses in {output}; look at {sheet} ({drawn} of them)")
    if imported.left_out:
        list_of_all = output.with_name(f"{output.stem}_left_out.csv")
        write_left_out(list_of_all, imported.left_out)
        print_left_out(imported.left_out, list_of_all)
        sys.exit(1)


run = functools.partial(run_command, __doc__, define_flags, main)
