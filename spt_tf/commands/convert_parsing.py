"""Turns a human parser's label maps (LIP, ATR or CIHP) into the ten labels of this project.

python scripts/convert_parsing.py --input_dir=schp_output --output_dir=market/parsing/train --palette=lip
"""

from __future__ import annotations

import functools
import sys

from absl import flags

from spt_tf.commands.command import run_command
from spt_tf.perception.parsing_files.convert_directory import convert_directory
from spt_tf.perception.parsing_files.label_sets import PALETTES


def define_flags() -> None:
    """Defines the flags."""
    flags.DEFINE_string("input_dir", None, "Folder of label maps: indexed or grey .png, or .npy.")
    flags.DEFINE_string("output_dir", None, "Folder for the converted maps, <stem>.png.")
    flags.DEFINE_enum("palette", None, sorted(PALETTES), "The label set of the input maps.")
    flags.mark_flags_as_required(["input_dir", "output_dir", "palette"])


def main(_: list[str]) -> None:
    """Converts; exit status 1 where maps were left out."""
    try:
        done = convert_directory(flags.FLAGS.input_dir, flags.FLAGS.output_dir, flags.FLAGS.palette)
    except (ValueError, OSError) as error:
        sys.exit(f"convert_parsing: {error}")
    for problem in done.problems:
        print(f"left out: {problem}", file=sys.stderr)
    print(f"{done.written:,} maps written to {flags.FLAGS.output_dir}, {len(done.problems):,} left out")
    if done.problems:
        sys.exit(1)


run = functools.partial(run_command, __doc__, define_flags, main)
