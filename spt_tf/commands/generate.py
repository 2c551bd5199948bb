"""Moves people into new poses with a finished run: PNGs `from___to.png` and a panel sheet.

    python scripts/generate.py --run_dir=runs/demo --source_dir=photos --annotations=photos/keypoints.csv \\
        --parsing_dir=photos/parsing --output_dir=results

or from photos of any size, and nothing but them:

    python scripts/generate.py --run_dir=runs/demo --finder=runs/perception --photos=photos \\
        --target_photos=poses --output_dir=results

What is found in photos is in results/found and results/found_targets, to be looked at, put right and given
back as --source_dir, --annotations and --parsing_dir.

Sources are the annotated images of --source_dir. Target poses are those of --target_annotations, or else of
the other sources. --pairs chooses (from,to); without it every source goes into every pose.
"""

from __future__ import annotations

import functools
import os
import re
from typing import TYPE_CHECKING, NamedTuple

from absl import flags, logging

from spt_tf.commands.command import fail, run_command
from spt_tf.commands.find_people import define_finder_flags
from spt_tf.commands.people_flags import define_people_flags, require_people_or_photos
from spt_tf.commands.precision_flag import define_precision_flag

if TYPE_CHECKING:
    from spt_tf.config import ExperimentConfig
    from spt_tf.data.annotations import AnnotationRow
    from spt_tf.data.people_index import PeopleIndex

FLAGS = flags.FLAGS


def define_flags() -> None:
    """Defines the flags, with their checks."""
    define_run_and_people_flags(required=False)
    flags.DEFINE_string(
        "photos",
        None,
        "Folder of source photos of any size, instead of --source_dir, --annotations and --parsing_dir: "
        "people are found in them by --finder.",
    )
    flags.DEFINE_string("target_photos", None, "With --finder: folder of photos of people in target poses.")
    define_finder_flags(required=False)
    flags.DEFINE_string(
        "target_annotations",
        None,
        "Target poses, CSV or pose files of pictures of the canvas' size; default: the sources'.",
    )
    flags.DEFINE_string(
        "target_parsing_dir",
        None,
        "Folder of the target poses' parsing maps, <stem>.png or .npy: drawn on instead of predicted ones. "
        "A run without a semantic generator needs it; default there: --parsing_dir.",
    )
    flags.DEFINE_bool(
        "strips",
        False,
        "Also write strips source | target | output, the authors' published layout.",
    )
    flags.DEFINE_string("pairs", None, "CSV from,to: which source goes into which pose; default: all.")
    flags.DEFINE_string("canvas", None, "HxW of the images when it is not the run's own, e.g. 256x256.")
    flags.DEFINE_integer("batch_size", 8, "Pictures made at once.", lower_bound=1)
    define_precision_flag("the pictures")
    require_people_or_photos("source_dir")
    flags.register_multi_flags_validator(
        ["photos", "target_photos", "finder"],
        lambda given: bool(given["finder"]) == bool(given["photos"] or given["target_photos"]),
        "--photos and --target_photos need --finder, and it needs one of them",
    )
    flags.mark_flags_as_mutual_exclusive(["target_photos", "target_annotations"])
    flags.register_validator("canvas", _is_canvas, message="expected HxW, for example 256x256")


def define_run_and_people_flags(required: bool = True) -> None:
    """Defines the flags of commands that draw people of a folder with a run, and write pictures.

    required: absl itself asks for the people.
    """
    flags.DEFINE_string("run_dir", None, "Run directory of scripts/train.py.", required=True)
    define_people_flags("source_dir", "the people in them", required)
    flags.DEFINE_string("output_dir", None, "Where pictures go.", required=True)


def _is_canvas(text: str | None) -> bool:
    return text is None or re.fullmatch(r"[1-9]\d*x[1-9]\d*", text) is not None


def main(argv: list[str]) -> None:
    """Moves people; bad input ends in one line and exit status 2."""
    logging.set_verbosity(logging.INFO)
    try:
        count = _generate()
    except (ValueError, OSError) as error:
        fail(error)
    print(f"{count} pictures and sheet.png in {FLAGS.output_dir}")


class PeopleGiven(NamedTuple):
    """A folder of images, their keypoints, and a folder of their parsings."""

    source_dir: str
    annotations: str
    parsing_dir: str


def load_given_people(
    config: ExperimentConfig, canvas: tuple[int, int], given: PeopleGiven | None = None
) -> tuple[PeopleIndex, list[AnnotationRow]]:
    """The people that those flags name, on a canvas for a run of this configuration, and the annotation rows.

    given: other people than those of the flags.

    Logs who is left out. Raises ValueError, OSError; with advice where pictures have another size.
    """
    from spt_tf.applications.canvas import size_advice
    from spt_tf.data.datasets import NobodyUsable, load_people_from
    from spt_tf.perception.pose_files.any_annotations import read_any_annotation_rows

    source_dir, annotations, parsing_dir = given or people_of_flags()
    rows = read_any_annotation_rows(annotations, source_dir)
    try:
        index = load_people_from(source_dir, annotations, parsing_dir, canvas, rows=rows)
    except NobodyUsable as error:
        raise ValueError(f"{error}\n{size_advice(config, canvas, error.report)}".rstrip()) from None
    logging.info("%s", index.report.summary())
    if advice := size_advice(config, canvas, index.report):
        logging.warning("%s", advice)
    return index, rows


def people_of_flags() -> PeopleGiven:
    """The people that the flags name."""
    return PeopleGiven(FLAGS.source_dir, FLAGS.annotations, FLAGS.parsing_dir)


def _found_in_photos(canvas: tuple[int, int]) -> tuple[PeopleGiven, str | None]:
    """The sources, and the file of target poses or None, after people have been looked for in photos."""
    from spt_tf.perception.find_people import find_people
    from spt_tf.perception.finder import load_finder

    people, targets = people_of_flags(), FLAGS.target_annotations
    if not FLAGS.finder:
        return people, targets
    finder = load_finder(FLAGS.finder, FLAGS.flip_test)
    if finder.canvas != tuple(canvas):
        sizes = "{}x{}, this run's are {}x{}".format(*finder.canvas, *canvas)
        raise ValueError(f"--finder={FLAGS.finder}: it looks at images of {sizes}")
    if FLAGS.photos:
        found = find_people(finder, FLAGS.photos, os.path.join(FLAGS.output_dir, "found"), FLAGS.pose_source)
        logging.info("%s", found.summary())
        people = PeopleGiven(*map(os.fspath, (found.images, found.keypoints, found.parsings)))
    if FLAGS.target_photos:
        folder = os.path.join(FLAGS.output_dir, "found_targets")
        found = find_people(finder, FLAGS.target_photos, folder, FLAGS.pose_source)
        logging.info("%s", found.summary())
        targets = os.fspath(found.keypoints)
    return people, targets


def _generate() -> int:
    from spt_tf.applications.canvas import check_canvas
    from spt_tf.applications.pose_transfer import plan_transfers, read_target_parsings, write_transfers
    from spt_tf.data.annotations import annotations_by_name, read_pairs
    from spt_tf.inference import load_finished_run, read_config
    from spt_tf.perception.pose_files.any_annotations import read_any_annotations

    config = read_config(FLAGS.run_dir)
    canvas = config.canvas
    if FLAGS.canvas:
        height, width = FLAGS.canvas.split("x")
        canvas = int(height), int(width)
        check_canvas(config, canvas)
    people, targets = _found_in_photos(canvas)
    index, rows = load_given_people(config, canvas, people)
    if targets:
        poses = read_any_annotations(targets, canvas=canvas)
    else:
        poses = annotations_by_name(people.annotations, rows)
    pairs = read_pairs(FLAGS.pairs) if FLAGS.pairs else None
    transfers = plan_transfers(index, poses, pairs)
    run = load_finished_run(FLAGS.run_dir, canvas, precision=FLAGS.precision)
    logging.info("weights of stage %s, step %d", run.stage, run.step)
    parsings, folder = None, FLAGS.target_parsing_dir
    if folder is None and run.generator.needs_target_parsing:
        folder = people.parsing_dir
        logging.warning(
            "no semantic generator in this run: target parsings are taken from %s (TS-GT)", folder
        )
    if folder is not None:
        if not run.config.network.semantics:
            raise ValueError("--target_parsing_dir: this run has no semantics, it cannot draw on a parsing")
        parsings = read_target_parsings(folder, transfers, canvas)
    paths = write_transfers(run, index, transfers, FLAGS.batch_size, FLAGS.output_dir, parsings, FLAGS.strips)
    return len(paths)


run = functools.partial(run_command, __doc__, define_flags, main)
