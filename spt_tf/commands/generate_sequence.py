"""Moves a person through a sequence of poses, with a finished run: frames, an animated GIF and WebM.

    python scripts/generate_sequence.py --run_dir=runs/demo --source_dir=photos \\
        --annotations=photos/keypoints.csv --parsing_dir=photos/parsing \\
        --source=anna.jpg --poses=dance/json --poses_canvas=720x1280 --output_dir=anna_dances

--poses is a folder of OpenPose JSON files in the order of their names, an annotation CSV, or another tool's
pose file. Short gaps are filled, coordinates smoothed, the driver's limb lengths and place fitted to the
person. --between=A,B instead goes from one annotated pose to another in --frames steps.
Interrupted and called again, it makes only the frames that are missing.
"""

from __future__ import annotations

import functools
import re
from typing import TYPE_CHECKING

from absl import flags, logging

from spt_tf.commands.command import fail, run_command
from spt_tf.commands.generate import define_run_and_people_flags, load_given_people

if TYPE_CHECKING:
    import numpy as np

    from spt_tf.data.people_index import PeopleIndex

FLAGS = flags.FLAGS


def define_flags() -> None:
    """Defines the flags, with their checks."""
    define_run_and_people_flags()
    flags.DEFINE_string("source", None, "Image name of the person; default with --between: its first.")
    flags.DEFINE_string("poses", None, "Folder or file of poses, in order.")
    flags.DEFINE_string("poses_canvas", None, "HxW of the pictures that --poses are of; default: the run's.")
    flags.DEFINE_list("between", None, "Two image names A,B: go from A's pose to B's.")
    flags.DEFINE_integer("frames", 24, "How many frames --between makes.", lower_bound=2)
    flags.DEFINE_bool(
        "fit", None, "Fit the poses to the person's limb lengths and place; default: with --poses alone."
    )
    flags.DEFINE_integer("longest_gap", 5, "Fill joints missing for at most so many frames.", lower_bound=0)
    flags.DEFINE_integer("smoothing", 9, "Frames that coordinates are smoothed over, odd; 1: not at all.")
    flags.DEFINE_bool("blend_parsings", True, "Average the label maps of neighbouring frames.")
    flags.DEFINE_float("fps", 12.0, "Frames a second.", lower_bound=0.1, upper_bound=100)
    flags.DEFINE_integer("scale", None, "How many times larger GIF and WebM are; default: 256 pixels high.")
    flags.register_multi_flags_validator(
        ["poses", "between", "source"],
        lambda given: (
            bool(given["poses"]) != bool(given["between"]) and bool(given["source"] or given["between"])
        ),
        "give --source and --poses, or --between",
    )
    flags.register_validator(
        "between", lambda names: names is None or len(names) == 2, "expected two image names, A,B"
    )
    flags.register_validator("smoothing", lambda window: window >= 1 and window % 2, "expected an odd number")
    flags.register_validator(
        "poses_canvas", lambda text: text is None or re.fullmatch(r"[1-9]\d*x[1-9]\d*", text), "expected HxW"
    )


def main(argv: list[str]) -> None:
    """Makes the sequence; bad input ends in one line and exit status 2."""
    logging.set_verbosity(logging.INFO)
    try:
        written = _generate()
    except (ValueError, OSError) as error:
        fail(error)
    for path in written:
        print(path)


def _generate() -> list:
    from spt_tf.applications.person_picture import load_painter, person_of
    from spt_tf.applications.pose_sequence.fit_to_person import fit_to_person
    from spt_tf.applications.pose_sequence.sequence_files import write_sequence
    from spt_tf.applications.pose_sequence.steady_poses import fill_gaps, outside_is_missing, smooth
    from spt_tf.inference import read_config

    config = read_config(FLAGS.run_dir)
    index, _ = load_given_people(config, config.canvas)
    person = person_of(index, FLAGS.source or FLAGS.between[0])
    poses = smooth(fill_gaps(_poses(index), FLAGS.longest_gap), FLAGS.smoothing)
    if FLAGS.fit if FLAGS.fit is not None else FLAGS.poses:
        poses = fit_to_person(poses, person.keypoints)
    poses = outside_is_missing(poses, index.canvas)
    run = load_painter(FLAGS.run_dir, predicts_parsing=True)
    return write_sequence(run, person, poses, FLAGS.output_dir, FLAGS.fps, FLAGS.blend_parsings, FLAGS.scale)


def _poses(index: PeopleIndex) -> np.ndarray:
    import numpy as np

    from spt_tf.applications.person_picture import person_of
    from spt_tf.applications.pose_sequence.interpolation import poses_between
    from spt_tf.perception.pose_files.any_annotations import read_any_annotations

    if FLAGS.between:
        first, last = (person_of(index, name).keypoints for name in FLAGS.between)
        return poses_between(first, last, FLAGS.frames)
    canvas = index.canvas
    if FLAGS.poses_canvas:
        height, width = FLAGS.poses_canvas.split("x")
        canvas = int(height), int(width)
    poses = read_any_annotations(FLAGS.poses, canvas=canvas)
    if not poses:
        raise ValueError(f"{FLAGS.poses}: no pose in it")
    return np.stack(list(poses.values()))


run = functools.partial(run_command, __doc__, define_flags, main)
