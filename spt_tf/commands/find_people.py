"""Finds people in bare photos: keypoints and parsings, in files that every other command reads.

    python scripts/find_people.py --finder=runs/perception --photos=photos --output_dir=found
    python scripts/generate.py --run_dir=runs/demo --source_dir=found/images \\
        --annotations=found/keypoints.csv --parsing_dir=found/parsing --output_dir=moved

One person a photo, whole, filling it. Look at found/sheet.png; what is wrong may be put right before the
second command. scripts/generate.py --photos does both at once.
"""

from __future__ import annotations

import functools

from absl import flags, logging

from spt_tf.commands.command import fail, run_command

FLAGS = flags.FLAGS


def define_flags() -> None:
    """Defines the flags, with their checks."""
    flags.DEFINE_string("photos", None, "Folder of photos of any size.", required=True)
    flags.DEFINE_string("output_dir", None, "Where what is found goes.", required=True)
    define_finder_flags(required=True)


def define_finder_flags(required: bool) -> None:
    """Defines the flags of every command that finds people in photos."""
    flags.DEFINE_string(
        "finder", None, "Run directory of scripts/train_perception.py, which finds them.", required=required
    )
    flags.DEFINE_bool("flip_test", False, "Look at mirror images too: better, at twice the time.")
    flags.DEFINE_enum(
        "pose_source",
        "finder",
        ["finder", "mediapipe"],
        "Who finds the joints. mediapipe is for photographs, and has to be installed: "
        "pip install --no-deps mediapipe==0.10.21 attrs.",
    )


def main(argv: list[str]) -> None:
    """Finds people; bad input ends in one line and exit status 2."""
    # TensorFlow loads once the flags are known to be good.
    from spt_tf.perception.find_people import find_people
    from spt_tf.perception.finder import load_finder

    logging.set_verbosity(logging.INFO)
    try:
        finder = load_finder(FLAGS.finder, FLAGS.flip_test)
        found = find_people(finder, FLAGS.photos, FLAGS.output_dir, FLAGS.pose_source)
    except (ValueError, OSError) as error:
        fail(error)
    print(found.summary())


run = functools.partial(run_command, __doc__, define_flags, main)
