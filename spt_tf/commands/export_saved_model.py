"""Exports a finished run for serving.

    python export/export_saved_model.py --run_dir=runs/market --output_dir=models/spt --finder=runs/perception

With --finder the model also finds people in photos: signatures find_pose, parse_image,
transfer_pose_from_photo and transfer_pose_between_photos.
"""

from __future__ import annotations

import functools
import sys

from absl import flags

from spt_tf.commands.command import run_command
from spt_tf.commands.precision_flag import define_precision_flag


def define_flags() -> None:
    """Flags of this command."""
    flags.DEFINE_string("run_dir", None, "Finished run to export.", required=True)
    flags.DEFINE_string("output_dir", None, "Base path of the model, such as models/spt.", required=True)
    flags.DEFINE_integer(
        "version", None, "Version to write; by default one more than the highest.", lower_bound=1
    )
    flags.DEFINE_string(
        "finder",
        None,
        "Run directory of scripts/train_perception.py, of the run's canvas: the model then takes photos too.",
    )
    define_precision_flag("the generators; the finder stays in float32")
    flags.DEFINE_bool("flip_test", False, "Let the finder look at mirror images too, at twice the time.")


def main(argv: list[str]) -> None:
    """Loads the run, exports it, prints where."""
    # TensorFlow loads only once the flags are known to be good.
    from spt_tf.inference import load_finished_run
    from spt_tf.perception.finder import load_finder
    from spt_tf.serving.saved_model import export_run

    values = flags.FLAGS
    try:
        run = load_finished_run(values.run_dir, precision=values.precision)
        finder = load_finder(values.finder, values.flip_test) if values.finder else None
        print(export_run(run, values.run_dir, values.output_dir, values.version, finder))
    except (ValueError, OSError) as error:  # ExportError and RunNotFound among them
        sys.exit(f"export failed: {error}")


run = functools.partial(run_command, __doc__, define_flags, main)
