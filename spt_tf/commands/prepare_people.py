"""Brings photos of any size, with their poses and label maps, to one canvas: a data directory to train on.

    python scripts/prepare_people.py --images_dir=photos --poses=openpose_json --parsing_dir=schp_output \\
        --palette=lip --canvas=128x64 --split=train --output_dir=datasets/mine

Poses are of any tool that scripts/import_poses.py reads, maps of any that scripts/convert_parsing.py does.
Each photo gives one person (--everybody: all of them), cropped around them or letterboxed, by one transform
for picture, joints and map; in a map that shows several people the others become background.
What train.py, generate.py and batch_score.py read comes out; who was left out is listed with the reason.
"""

from __future__ import annotations

import functools
import sys
from pathlib import Path

from absl import flags

from spt_tf.commands.command import fail, print_left_out, run_command
from spt_tf.commands.convert_parsing import define_parsing_flags
from spt_tf.commands.import_poses import define_pose_flags, pose_rules

FLAGS = flags.FLAGS


def define_flags() -> None:
    """Defines the flags, with their checks."""
    flags.DEFINE_string(
        "images_dir", None, "Folder of photos; those in folders below it, too.", required=True
    )
    flags.DEFINE_string(
        "poses", None, "Their poses: a pose file, a folder of them, or an annotation CSV.", required=True
    )
    flags.DEFINE_string(
        "parsing_dir",
        None,
        "Folder of their label maps. Without it no maps are written: train.py needs them.",
    )
    flags.DEFINE_string("output_dir", None, "The data directory; it may hold the other split.", required=True)
    flags.DEFINE_enum("split", "train", ["train", "test"], "Which part of the data directory this is.")
    flags.DEFINE_string("canvas", "128x64", "HxW of the pictures to write.")
    flags.DEFINE_enum(
        "fit", "crop", ["crop", "letterbox"], "Cut the person out, or keep the whole photo between bars."
    )
    flags.DEFINE_float(
        "margin", 0.05, "Left free around the person, in parts of their size.", lower_bound=0, upper_bound=2
    )
    flags.DEFINE_bool("everybody", False, "Prepare the other people of a photo, too: <stem>_2.png and so on.")
    flags.DEFINE_bool("pairs", False, "Also list every person with every other one as pairs.")
    define_parsing_flags(default="ours")
    define_pose_flags()
    flags.register_validator("canvas", _is_canvas, message="expected HxW, for example 128x64")


def _is_canvas(text: str) -> bool:
    from spt_tf.perception.prepare.settings import canvas_of

    try:
        canvas_of(text)
    except ValueError:
        return False
    return True


def main(argv: list[str]) -> None:
    """Prepares; exit status 1 where photos were left out, 2 where nobody could be prepared."""
    from spt_tf.perception.prepare.prepare_people import prepare_people
    from spt_tf.perception.prepare.settings import PrepareSettings, canvas_of

    settings = PrepareSettings(
        images_dir=FLAGS.images_dir,
        poses=FLAGS.poses,
        output_dir=FLAGS.output_dir,
        parsing_dir=FLAGS.parsing_dir,
        split=FLAGS.split,
        canvas=canvas_of(FLAGS.canvas),
        fit=FLAGS.fit,
        margin=FLAGS.margin,
        palette=FLAGS.palette,
        lower=FLAGS.lower,
        colours=FLAGS.colours,
        everybody=FLAGS.everybody,
        pairs=FLAGS.pairs,
        rules=pose_rules(FLAGS),
    )
    try:
        prepared = prepare_people(settings)
    except (ValueError, OSError) as error:
        fail(error)
    print(prepared.summary())
    if prepared.warning:
        print(f"warning: {prepared.warning}", file=sys.stderr)
    root = Path(FLAGS.output_dir)
    print(f"written to {root}; look at {root / f'{FLAGS.split}_sheet.png'}")
    if prepared.left_out:
        print_left_out(prepared.left_out, root / f"left-out-{FLAGS.split}.csv")
        sys.exit(1)


run = functools.partial(run_command, __doc__, define_flags, main)
