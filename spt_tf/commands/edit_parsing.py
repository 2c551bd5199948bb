"""Edits people's label maps, and draws them on the result with a finished run (the paper's manipulation).

    python scripts/edit_parsing.py --run_dir=runs/demo --source_dir=photos \\
        --annotations=photos/keypoints.csv --parsing_dir=photos/parsing \\
        --people=anna.jpg --sleeves=none --bottom=skirt --hem=1.2 --output_dir=edited

Writes <stem>.png, parsing/<stem>.png and sheet.png. --edited_parsing_dir draws on maps that were edited by
hand; --maps_only writes the maps alone and needs no weights, only the run's canvas.
"""

from __future__ import annotations

import functools

from absl import flags, logging

from spt_tf.commands.command import fail, run_command
from spt_tf.commands.generate import define_run_and_people_flags, load_given_people

FLAGS = flags.FLAGS
_EDITS = ("bottom", "hem", "top_hem", "sleeves", "hair")


def define_flags() -> None:
    """Defines the flags, with their checks."""
    define_run_and_people_flags()
    flags.DEFINE_list("people", None, "Image names, comma between; default: everybody.")
    flags.DEFINE_enum("sleeves", None, ["none", "short", "long"], "Sleeves of the top.")
    flags.DEFINE_enum("bottom", None, ["trousers", "shorts", "skirt"], "What is worn below.")
    flags.DEFINE_float(
        "hem", None, "Where it ends: 0 at the hips, 1 at the knees, 2 at the ankles; also without --bottom."
    )
    flags.DEFINE_float("top_hem", None, "Where the top ends: 0 at the shoulders, 1 at the hips.")
    flags.DEFINE_enum("hair", None, ["short", "bob", "long"], "Length of the hair.")
    flags.DEFINE_string("take", None, "LABEL:NAME, take that label's region from that person, moved here.")
    flags.DEFINE_string("edited_parsing_dir", None, "Folder of edited maps, <stem>.png or .npy, to draw on.")
    flags.DEFINE_bool("maps_only", False, "Write the edited maps, draw nobody.")
    flags.DEFINE_bool("keep_unchanged", True, "Leave the photo's pixels where no label near them changed.")
    flags.DEFINE_bool(
        "fill", True, "Repaint the photo by the edited map before it is drawn; the paper's form is without."
    )
    flags.register_multi_flags_validator(
        [*_EDITS, "take", "edited_parsing_dir"],
        lambda given: any(value is not None for value in given.values()),
        f"name an edit: --{', --'.join(_EDITS)}, --take or --edited_parsing_dir",
    )


def main(argv: list[str]) -> None:
    """Edits and draws; bad input ends in one line and exit status 2."""
    logging.set_verbosity(logging.INFO)
    try:
        count = _edit()
    except (ValueError, OSError) as error:
        fail(error)
    print(f"{count} {'maps' if FLAGS.maps_only else 'pictures'} in {FLAGS.output_dir}")


def _edit() -> int:
    from spt_tf.applications.edit_files import edit_maps, read_edited_maps, take_label, write_edits
    from spt_tf.applications.parsing_edits.edits import Edits, check_edits
    from spt_tf.applications.person_picture import load_painter
    from spt_tf.inference import read_config

    edits = Edits(**{name: FLAGS[name].value for name in _EDITS})
    check_edits(edits)
    config = read_config(FLAGS.run_dir)
    index, _ = load_given_people(config, config.canvas)
    names = FLAGS.people or list(index.names)
    run = None
    if FLAGS.take or not FLAGS.maps_only:
        run = load_painter(FLAGS.run_dir, predicts_parsing=FLAGS.take is not None)
    if FLAGS.edited_parsing_dir:
        edited = read_edited_maps(FLAGS.edited_parsing_dir, names, config.canvas)
    else:
        edited = edit_maps(index, names, edits)
    if FLAGS.take and run is not None:
        edited = take_label(run, index, edited, FLAGS.take)
    painter = None if FLAGS.maps_only else run
    return len(write_edits(painter, index, edited, FLAGS.output_dir, FLAGS.keep_unchanged, FLAGS.fill))


run = functools.partial(run_command, __doc__, define_flags, main)
