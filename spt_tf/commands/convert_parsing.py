"""Turns a human parser's label maps into the ten labels of this project.

    python scripts/convert_parsing.py --input_dir=schp_output --output_dir=market/parsing/train --palette=lip

--palette is the set of labels that the parser was trained on. Folders are taken as the tools leave them, with
the pictures and scores beside the maps; colour-coded pictures are turned back where every colour is known.
With keypoints (--annotations) sides are found better, and arms on the wrong side are warned of. Sets whose
labels tell no sides (deepfashion_multimodal, adgan, pise) need them. docs/own_photos.md has more.
"""

from __future__ import annotations

import functools
import sys

from absl import flags

from spt_tf.commands.command import run_command

FLAGS = flags.FLAGS


def define_flags() -> None:
    """Defines the flags."""
    flags.DEFINE_string("input_dir", None, "Folder of label maps: indexed, grey or coloured .png, or .npy.")
    flags.DEFINE_string("output_dir", None, "Folder for the converted maps, <stem>.png.")
    define_parsing_flags()
    flags.DEFINE_string(
        "annotations",
        None,
        "Keypoints of the people: a CSV, or pose files of another tool (with --images_dir).",
    )
    flags.DEFINE_string(
        "images_dir", None, "Folder of the photos; needed with pose files, and where maps have another size."
    )
    flags.mark_flags_as_required(["input_dir", "output_dir", "palette"])


def define_parsing_flags(default: str | None = None) -> None:
    """Defines the flags that say what a parser's maps mean; default: the label set unless one is given."""
    from spt_tf.perception.parsing_files.label_sets import COLOUR_CODES, LOWER_CHOICES, PALETTES, REFUSED

    flags.DEFINE_enum("palette", default, sorted({*PALETTES, *REFUSED}), "The label set of the maps.")
    flags.DEFINE_enum(
        "lower",
        None,
        LOWER_CHOICES,
        "What is worn below, where the set (sapiens, pise) does not tell; guess: two pieces are pants.",
    )
    flags.DEFINE_enum("colours", None, COLOUR_CODES, "The code of colour pictures, where two of them fit.")


def main(_: list[str]) -> None:
    """Converts; exit status 1 where maps were left out."""
    from spt_tf.perception.parsing_files.convert_directory import convert_directory
    from spt_tf.perception.parsing_files.map_poses import read_map_poses

    try:
        poses = read_map_poses(FLAGS.annotations, FLAGS.images_dir) if FLAGS.annotations else None
        done = convert_directory(
            FLAGS.input_dir, FLAGS.output_dir, FLAGS.palette, poses, FLAGS.lower, FLAGS.colours
        )
    except (ValueError, OSError) as error:
        sys.exit(f"convert_parsing: {error}")
    for problem in done.problems:
        print(f"left out: {problem}", file=sys.stderr)
    if done.warning:
        print(f"warning: {done.warning}", file=sys.stderr)
    beside = f", {done.passed_over:,} files beside them passed over" if done.passed_over else ""
    print(f"{done.written:,} maps written to {FLAGS.output_dir}, {len(done.problems):,} left out{beside}")
    if done.problems:
        sys.exit(1)


run = functools.partial(run_command, __doc__, define_flags, main)
