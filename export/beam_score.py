"""`export/batch_score.py` on many machines: the same flags, as an Apache Beam pipeline.

    pip install -r requirements-beam.txt
    python export/beam_score.py --saved_model=models/spt/1 --pairs=pairs.csv --images_dir=images \\
        --parsing_dir=parsing --annotations=annotations.csv --output_dir=scored

Anything after `--` goes to Beam, such as `-- --runner=FlinkRunner --flink_master=host:8081`; without it the
pipeline runs here. Every worker needs this project and the paths above, on a shared file system.
"""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from absl import app, flags

from export.batch_score import define_flags


def main(argv) -> None:
    """Scores what is missing; exit status 1 where rows failed."""
    from export.beam_scoring import score_with_beam  # Beam and TensorFlow load only after the flags

    values = flags.FLAGS
    try:
        failed = score_with_beam(values, argv[1:])
    except (ValueError, OSError) as error:
        sys.exit(f"beam_score failed: {error}")
    if failed:
        sys.exit(f"beam_score: {failed:,} rows failed, see {Path(values.output_dir, 'failed.csv')}")


if __name__ == "__main__":
    define_flags()
    app.run(main)
