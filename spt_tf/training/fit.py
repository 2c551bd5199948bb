"""One stage's training: steps from the newest checkpoint to the last, with all that is written on the way."""

from __future__ import annotations

from collections.abc import Callable

import tensorflow as tf

from spt_tf.config.run import CarriedOut
from spt_tf.models.stage_model import StageModel
from spt_tf.training.callbacks import Panels, ProgressBar, StageCallback
from spt_tf.training.checkpointing import Checkpointing
from spt_tf.training.checkpoints import StageCheckpoints
from spt_tf.training.pace import Pace
from spt_tf.training.scalar_log import ScalarLog, ScalarWriter
from spt_tf.training.validation import Validation, Validator


def fit_stage(
    model: StageModel,
    stage: str,
    batches: tf.data.Dataset,
    batch_size: int,
    total: int,
    run: CarriedOut,
    checkpoints: StageCheckpoints,
    draw: Callable[[StageModel, int], None] | None,
    validator: Validator | None,
    time_left: Callable[[int, Pace], float] | None = None,
) -> None:
    """Trains a compiled model up to step `total`, and marks the stage as finished.

    batches: endless, from the example on that comes after the newest checkpoint. draw: draws a panel of what
    a model makes after a step. time_left: for the progress bar (`callbacks.ProgressBar`). Only the chief
    draws, logs and validates.
    Raises TrainingDiverged, TrainingInterrupted.
    """
    start = checkpoints.latest_step()
    bar = ProgressBar(start, total, stage, time_left, hidden=not checkpoints.chief)
    checkpointing = Checkpointing(checkpoints, run.checkpoint_every, total, stage)
    writer = ScalarWriter(run.run_dir, stage, start) if checkpoints.chief else None
    callbacks: list[StageCallback] = [ScalarLog(start, run.log_every, stage, batch_size, writer)]
    if writer:
        callbacks.append(bar)
        if draw:
            callbacks.append(Panels(start, run.panel_every, draw))
        if validator and run.validate_every:
            callbacks.append(Validation(start, run.validate_every, total, stage, writer, validator))
    try:
        if start < total:
            model.fit(
                batches,
                epochs=1,
                steps_per_epoch=total - start,
                verbose=0,
                callbacks=[*callbacks, checkpointing],
            )
    finally:
        bar.close()
        checkpointing.restore_signals()
    checkpoints.finish()
