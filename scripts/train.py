"""Trains SPT: python scripts/train.py --flagfile=market.flags --data_dir=... --run_dir=...

A nested --flagfile path resolves against the working directory: call it from the project's root.
"""

import sys
from pathlib import Path

from absl import app, logging

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
from spt_tf.config import ConfigError
from spt_tf.flags import define_flags, experiment_from_flags


def main(argv: list[str]) -> None:
    """Parses the flags and trains; bad input ends in one line and exit status 2."""
    if len(argv) > 1:
        raise app.UsageError(f"unexpected argument {argv[1]}")
    try:
        experiment, run = experiment_from_flags()
    except ConfigError as error:
        sys.exit(_complain(error))
    from spt_tf.training import stages  # TensorFlow loads only once the flags are known to be good
    from spt_tf.training.callbacks import TrainingDiverged, TrainingInterrupted

    logging.set_verbosity(logging.INFO)
    try:
        stages.train(experiment, run)
    except (ValueError, TrainingDiverged) as error:
        sys.exit(_complain(error))
    except TrainingInterrupted as error:
        logging.info("%s", error)
        sys.exit(143)


def _complain(error: Exception) -> int:
    print(f"train.py: {error}", file=sys.stderr)
    return 2


if __name__ == "__main__":
    define_flags()
    app.run(main)
