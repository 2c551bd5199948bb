"""How a training command ends: done, stopped by a signal, or in one line that says why."""

from __future__ import annotations

import sys
from collections.abc import Callable

from absl import logging

from spt_tf.commands.command import fail


def run_training(train: Callable[[], None]) -> None:
    """Calls `train`. Ends the process with status 2 on bad input or a loss that is no number, after a signal
    with 143.
    """
    from spt_tf.training.checkpointing import TrainingInterrupted
    from spt_tf.training.divergence import TrainingDiverged

    logging.set_verbosity(logging.INFO)
    try:
        train()
    except (ValueError, OSError, TrainingDiverged) as error:
        fail(error)
    except TrainingInterrupted as error:
        logging.info("%s", error)
        sys.exit(143)
