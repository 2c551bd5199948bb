"""Puts garments of one person on another, with a finished run (the paper's texture transfer).

    python scripts/transfer_texture.py --run_dir=runs/demo --source_dir=photos \\
        --annotations=photos/keypoints.csv --parsing_dir=photos/parsing \\
        --source=anna.jpg --target=ben.jpg --labels=upper_clothes --output_dir=dressed

Writes source___target.png and sheet.png. --pairs=FILE makes many (from,to). Outside the chosen labels every
pixel is the target's own; --labels=all is the paper's form, the whole source on the target's label map.
"""

from __future__ import annotations

import functools

from absl import flags, logging

from spt_tf.commands.command import fail, run_command
from spt_tf.commands.generate import define_run_and_people_flags, load_given_people

FLAGS = flags.FLAGS


def define_flags() -> None:
    """Defines the flags, with their checks."""
    define_run_and_people_flags()
    flags.DEFINE_string("source", None, "Image name of who wears the garments.")
    flags.DEFINE_string("target", None, "Image name of who puts them on.")
    flags.DEFINE_string(
        "pairs", None, "CSV from,to of sources and targets, instead of --source and --target."
    )
    flags.DEFINE_string(
        "labels",
        "garments",
        "What to transfer: names of labels, comma between (upper_clothes,pants,skirt,hair,...); garments: "
        "those that both wear; all: the whole picture.",
    )
    flags.DEFINE_string("pose", None, "Image name of whose pose the targets take; default: their own.")
    flags.DEFINE_bool(
        "relight", True, "Show chosen labels in the target's light; the paper's form is without."
    )
    flags.register_multi_flags_validator(
        ["source", "target", "pairs"],
        lambda given: (
            (bool(given["source"]), bool(given["target"]), bool(given["pairs"]))
            in ((True, True, False), (False, False, True))
        ),
        "give --source and --target, or --pairs",
    )


def main(argv: list[str]) -> None:
    """Transfers; bad input ends in one line and exit status 2."""
    logging.set_verbosity(logging.INFO)
    try:
        count = _transfer()
    except (ValueError, OSError) as error:
        fail(error)
    print(f"{count} pictures and sheet.png in {FLAGS.output_dir}")


def _transfer() -> int:
    from spt_tf.applications.person_picture import load_painter, person_of
    from spt_tf.applications.texture_files import plan_texture_transfers, write_texture_transfers
    from spt_tf.data.annotations import read_pairs

    run = load_painter(FLAGS.run_dir, predicts_parsing=FLAGS.pose is not None)
    index, _ = load_given_people(run.config, run.canvas)
    pairs = read_pairs(FLAGS.pairs) if FLAGS.pairs else [(FLAGS.source, FLAGS.target)]
    transfers = plan_texture_transfers(index, pairs, FLAGS.labels)
    pose = person_of(index, FLAGS.pose).keypoints if FLAGS.pose else None
    return len(write_texture_transfers(run, index, transfers, FLAGS.output_dir, pose, FLAGS.relight))


run = functools.partial(run_command, __doc__, define_flags, main)
