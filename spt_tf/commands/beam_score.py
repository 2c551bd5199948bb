"""`export/batch_score.py` on many machines: the same flags, as an Apache Beam pipeline.

    pip install -r requirements-beam.txt
    python export/beam_score.py --saved_model=models/spt/1 --pairs=pairs.csv --images_dir=images \\
        --parsing_dir=parsing --annotations=annotations.csv --output_dir=scored

Anything after `--` goes to Beam, such as `-- --runner=FlinkRunner --flink_master=host:8081`; without it the
pipeline runs here. Every worker needs this project installed, and the paths above on a shared file system.
"""

from __future__ import annotations

import functools
import sys
from pathlib import Path

from absl import flags

from spt_tf.commands.batch_score import define_flags, people_paths
from spt_tf.commands.command import run_command


def main(argv: list[str]) -> None:
    """Scores what is missing; exit status 1 where rows failed."""
    # Beam and TensorFlow load only once the flags are known to be good.
    from spt_tf.serving.beam import score_with_beam

    values = flags.FLAGS
    try:
        failed = score_with_beam(
            values.saved_model,
            people_paths(values),
            values.pairs,
            values.output_dir,
            values.batch_size,
            beam_arguments=argv[1:],
        )
    except (ValueError, OSError) as error:
        sys.exit(f"beam_score failed: {error}")
    if failed:
        sys.exit(f"beam_score: {failed:,} rows failed, see {Path(values.output_dir, 'failed.csv')}")


run = functools.partial(run_command, __doc__, define_flags, main, takes_arguments=True)
