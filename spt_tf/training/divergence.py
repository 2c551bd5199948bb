"""Training that has stopped making sense is stopped, before anything of it is saved."""

from __future__ import annotations

import tensorflow as tf

from spt_tf.models.stage_model import StageModel


class TrainingDiverged(RuntimeError):
    """A loss term, a gradient or a weight is no longer a number; the last good checkpoint is kept."""


def check_finite(model: StageModel, stage: str) -> None:
    """Raises TrainingDiverged, naming what was not finite in the first step in which something was not.

    The train step itself remembers that step, so that this, which waits for the device, can be rare.
    """
    step, names = model.statistics.first_bad_step()
    if names:
        raise TrainingDiverged(_message(stage, step, names))


def check_finite_weights(model: StageModel, stage: str, step: int) -> None:
    """The same for all that a checkpoint of `step` would hold: networks, and the optimizers' state."""
    holders = {
        **{f"weights of {name}": network.weights for name, network in model.networks().items()},
        **{f"optimizer state of {name}": optimizer.variables for name, optimizer in model.optimizer.items()},
    }
    finite = {
        name: [tf.reduce_all(tf.math.is_finite(v)) for v in variables if v.dtype.is_floating]
        for name, variables in holders.items()
    }
    bad = [name for name, flags in finite.items() if not tf.reduce_all(tf.stack(flags)).numpy()]
    if bad:
        raise TrainingDiverged(_message(stage, step, bad))


def _message(stage: str, step: int, names: list[str]) -> str:
    return (
        f"stage {stage}, step {step}: {', '.join(names)} not finite; "
        "the last checkpoint before this step is kept"
    )
