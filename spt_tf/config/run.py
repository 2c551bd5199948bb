"""Options of how a run is carried out."""

from __future__ import annotations

import dataclasses
import os

from spt_tf.config.option import Checked, ConfigError, option
from spt_tf.config.stage_spec import STAGES


@dataclasses.dataclass(frozen=True)
class CarriedOut(Checked):
    """What every training is told beside what it learns."""

    run_dir: str = option("", "Directory of the run: configuration, checkpoints, logs, panels.")
    checkpoint_every: int = option(500, "Steps between checkpoints.", 1)
    keep_checkpoints: int = option(2, "Checkpoints kept per stage.", 1)
    log_every: int = option(50, "Steps between lines of metrics.jsonl and TensorBoard scalars.", 1)
    panel_every: int = option(500, "Steps between panels of pictures.", 1)
    validate_every: int = option(0, "Steps between scores of a held-out set; 0: none.", 0)
    validation_limit: int = option(32, "Held-out examples that are scored, the first ones; 0: all.", 0)
    precision: str = option(
        "float32", "Arithmetic of the networks.", choices=("float32", "mixed_float16", "mixed_bfloat16")
    )
    xla: bool = option(False, "Compile train steps with XLA.")
    dry_run: bool = option(False, "Check everything, print what would be done, and stop.")

    def __post_init__(self) -> None:
        super().__post_init__()
        if not self.run_dir:
            raise ConfigError("--run_dir: expected the directory to write the run to")

    def path(self, *parts: str) -> str:
        """A path inside the run directory."""
        return os.path.join(self.run_dir, *parts)


@dataclasses.dataclass(frozen=True)
class RunConfig(CarriedOut):
    """How a run is carried out: may differ from one call to the next without changing its results."""

    stage: str = option("all", "Stage to run, or all in order.", choices=("all", *STAGES))
    start_from: str = option(
        "", "Run directory whose finished pose_detector and semantic are copied, where they are the same."
    )
    validation_pairs: str = option(
        "",
        "CSV from,to of the held-out pairs, people of the data directory's test/, each target the same "
        "person's true image. Empty: its test pairs. Whoever chooses options or a checkpoint by test pairs "
        "has seen the answers: to choose, give a list of people that are not evaluated.",
    )
    accumulate: int = option(
        1,
        "Parts that a step's batch is computed in, one after the other: the result of the whole batch, up to "
        "rounding, in the memory of one part.",
        1,
    )
