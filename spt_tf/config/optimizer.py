"""Options of the optimizers."""

from __future__ import annotations

import dataclasses

from spt_tf.config.option import Checked, option


@dataclasses.dataclass(frozen=True)
class OptimizerConfig(Checked):
    """Adam and its schedule (Section 4.1), and steps for each stage."""

    batch_size: int = option(16, "Examples a step, over all replicas.", 1)
    learning_rate: float = option(2e-4, "Adam's learning rate.", 0)
    beta_1: float = option(0.5, "Adam's first decay.", 0, 0.9999)
    beta_2: float = option(0.999, "Adam's second decay.", 0, 0.999999)
    decay_from: float = option(
        1.0, "Fraction of a stage after which the rate falls linearly to zero; 1: never.", 0, 1
    )
    clip_norm: float = option(
        10.0,
        "Largest global norm of a network group's gradient; 0: no clipping. The authors' code clips before "
        "its backward pass, so it clips zeros and does nothing; this acts.",
        0,
    )
    average_decay: float = option(
        0.0, "Decay of the moving average of generator weights; 0: no average.", 0, 0.99999
    )
    initial_run: str = option(
        "",
        "Run directory whose networks those of this run begin as; its canvas and people may be others. "
        "Empty: random weights, as in the paper.",
    )
    pose_detector_steps: int = option(20000, "Steps of stage pose_detector.", 1)
    semantic_steps: int = option(60000, "Steps of stage semantic.", 1)
    appearance_steps: int = option(90000, "Steps of stage appearance.", 1)
    enhancer_steps: int = option(30000, "Steps of stage enhancer, where there is a local enhancer.", 1)
    fade_in_steps: int = option(
        20000, "Steps of stage enhancer in which the enhancer's share rises from 0 to 1.", 1
    )
    end_to_end_steps: int = option(10000, "Steps of stage end_to_end.", 1)
    end_to_end_learning_rate: float = option(2e-4, "Adam's learning rate in stage end_to_end.", 0)

    def steps(self, stage: str) -> int:
        """Steps of a stage of `STAGES`."""
        return getattr(self, f"{stage}_steps")

    def rate(self, stage: str) -> float:
        """Initial learning rate of a stage of `STAGES`."""
        return self.end_to_end_learning_rate if stage == "end_to_end" else self.learning_rate
