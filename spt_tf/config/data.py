"""Options of the data."""

from __future__ import annotations

import dataclasses

from spt_tf.config.option import Checked, option


@dataclasses.dataclass(frozen=True)
class DataConfig(Checked):
    """Where people come from and how they are drawn for training."""

    data_dir: str = option("", "Data directory in the layout of Market-1501 or DeepFashion.")
    height: int = option(128, "Image height in pixels.", 32)
    width: int = option(64, "Image width in pixels.", 32)
    flip: bool = option(True, "Mirror half of the training examples left to right.")
    paired: bool = option(
        False,
        "Learn from the true pairs of market-pairs-train.csv, to compare with: supervised; H_S, unless "
        "--nosemantics, from the true parsing too.",
    )
    pseudo_labels: str = option(
        "", "CSV from,to,energy of pseudo-label pairs; empty: search the training set when it is needed."
    )
    pseudo_label_top_k: int = option(1, "Best candidates kept per person by that search.", 1)
    pseudo_label_per_pixel: bool = option(
        False,
        "Divide each candidate's energy in that search by the area of its parts. The paper's sum favours "
        "candidates that are small in the picture, and few poses are ever learnt from.",
    )
    stranger_poses: float = option(
        0.0,
        "Share of the examples of stage end_to_end whose target pose is anybody's, with L_A alone: there is "
        "no pseudo-label for it. The paper has none: 0.",
        0,
        1,
    )
    seed: int = option(0, "Seed of weights, sampling and dropout.", 0, 2**32 - 1)
