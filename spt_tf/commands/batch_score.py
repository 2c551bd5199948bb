"""Generates the image of every pair in a file, with an exported model and no server.

    python export/batch_score.py --saved_model=models/spt/1 --pairs=datasets/demo/market-pairs-test.csv \\
        --images_dir=datasets/demo/test --parsing_dir=datasets/demo/parsing/test \\
        --annotations=datasets/demo/market-annotation-test.csv --output_dir=scored

With photos of any size, and nothing but them:

    python export/batch_score.py --saved_model=models/spt/1 --pairs=pairs.csv \\
        --photos=photos --output_dir=scored

Interrupted and called again, it does only what is missing.
"""

from __future__ import annotations

import functools
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from absl import flags

from spt_tf.commands.command import run_command
from spt_tf.commands.people_flags import define_people_flags, require_people_or_photos

if TYPE_CHECKING:
    from spt_tf.serving.people_files import PeoplePaths
    from spt_tf.serving.photo_files import PhotoPaths


def define_flags() -> None:
    """Flags of this command."""
    flags.DEFINE_string("saved_model", None, "Version directory, such as models/spt/1.", required=True)
    flags.DEFINE_string("pairs", None, "CSV with columns from,to of image names.", required=True)
    define_people_or_photos_flags("all people in the pairs")
    flags.DEFINE_string("output_dir", None, "Folder for <from>___<to>.png and failed.csv.", required=True)
    flags.DEFINE_integer("batch_size", 16, "Pairs computed together.", lower_bound=1)


def define_people_or_photos_flags(annotated: str, target_parsing_note: str = "") -> None:
    """Defines the flags that say where the people are, or photos of them for models exported with a finder.

    annotated: whose keypoints --annotations holds, in its help text. target_parsing_note: what the help
    text of --target_parsing_dir ends with.
    """
    define_people_flags("images_dir", annotated, required=False)
    flags.DEFINE_string(
        "target_parsing_dir",
        None,
        "Folder of the targets' own label maps, to draw on instead of predicted ones; a model exported "
        f"without a semantic generator needs it.{target_parsing_note}",
    )
    flags.DEFINE_string(
        "photos",
        None,
        "Folder of photos of any size, instead of --images_dir, --parsing_dir and --annotations: the model, "
        "exported with --finder, finds people in them.",
    )
    flags.DEFINE_string(
        "target_photos", None, "With --photos: folder of the targets' photos; default: the same folder."
    )
    flags.DEFINE_string(
        "target_annotations", None, "With --photos: target poses on the model's canvas, instead of photos."
    )
    of_photos = ["target_photos", "target_annotations"]
    require_people_or_photos("images_dir", "target_parsing_dir")
    flags.register_multi_flags_validator(
        ["photos", *of_photos],
        lambda given: given["photos"] if any(given[n] for n in of_photos) else True,
        "--target_photos and --target_annotations go with --photos",
    )
    flags.mark_flags_as_mutual_exclusive(of_photos)


def people_paths(values: flags.FlagValues) -> PeoplePaths | PhotoPaths:
    """What those flags, or those of photos, were given."""
    from spt_tf.serving.people_files import PeoplePaths
    from spt_tf.serving.photo_files import PhotoPaths

    if values.photos:
        return PhotoPaths(values.photos, values.target_photos, values.target_annotations)
    return PeoplePaths(values.images_dir, values.parsing_dir, values.annotations, values.target_parsing_dir)


def main(argv: list[str]) -> None:
    """Scores what is missing; exit status 1 where rows failed."""
    # TensorFlow loads only once the flags are known to be good.
    from spt_tf.serving.local_model import LocalModel
    from spt_tf.serving.photo_files import open_people
    from spt_tf.serving.scoring import FAILED_FILE, score_pairs

    values = flags.FLAGS
    try:
        paths = people_paths(values)
        signature = getattr(paths, "signature", None)  # photos have one of their own
        model = LocalModel(values.saved_model, values.target_parsing_dir is not None, signature)
        people = open_people(paths)
        done = score_pairs(model, people, values.pairs, values.output_dir, values.batch_size)
    except (ValueError, OSError) as error:
        sys.exit(f"batch_score failed: {error}")
    print(f"{done.rows:,} rows: {done.before:,} were there, {done.scored:,} scored, {done.failed:,} failed")
    if done.failed:
        sys.exit(f"batch_score: see {Path(values.output_dir, FAILED_FILE)} for the rows that failed")


run = functools.partial(run_command, __doc__, define_flags, main)
