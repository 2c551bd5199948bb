"""How tests carry out a run."""

from spt_tf.config import RunConfig


def run_options(run_dir, **changes) -> RunConfig:
    """A RunConfig that logs and saves every second step."""
    options = dict(run_dir=str(run_dir), log_every=2, checkpoint_every=2, panel_every=4)
    return RunConfig(**{**options, **changes})
