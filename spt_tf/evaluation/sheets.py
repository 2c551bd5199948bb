"""Sheets for people: pairs with what the methods made of them, the best, the worst and some at random."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from spt_tf import visualize
from spt_tf.data.people_index import PeopleIndex
from spt_tf.data.pipeline import pair_batches
from spt_tf.evaluation.methods import Method
from spt_tf.evaluation.scores import PairScores

SHEETS = ("random", "best", "worst")


def choose_pairs(pairs: Sequence[PairScores], method: str, count: int, seed: int = 0) -> dict[str, list[int]]:
    """Positions of `count` pairs for each of `SHEETS`, by mask-SSIM, or SSIM where there is none."""

    def quality(pair: PairScores) -> float:
        values = pair.methods[method].values
        value = values.get("mask_ssim", values["ssim"])
        return value if math.isfinite(value) else -1.0

    order = np.argsort([quality(pair) for pair in pairs], kind="stable").tolist()
    drawn = np.random.default_rng(seed).permutation(len(pairs))[:count].tolist()
    return {"random": sorted(drawn), "best": order[::-1][:count], "worst": order[:count]}


def draw_sheet(
    index: PeopleIndex,
    pairs: Sequence[PairScores],
    method: Method,
    baseline: Method,
    method_name: str,
    scale: int = 1,
) -> np.ndarray:
    """Draws one row a pair; the images are generated anew rather than kept for all pairs.

    Columns: source, target pose, true target, warped source, predicted parsing, generated.

    Returns:
        uint8 `[H,W,3]`.
    """
    rows, captions = [], []
    batches = pair_batches(index, [(pair.source, pair.target) for pair in pairs], batch_size=8)
    for batch in batches:
        made, warped = method(batch), baseline(batch)
        for i in range(len(batch["source_name"])):
            rows.append(
                [
                    batch["source_image"][i].numpy(),
                    visualize.skeleton_image(batch["target_keypoints"][i].numpy(), index.canvas),
                    batch["target_image"][i].numpy(),
                    warped.image[i].numpy(),
                    None if made.parsing is None else visualize.parsing_image(made.parsing[i].numpy()),
                    made.image[i].numpy(),
                ]
            )
    for pair in pairs:
        values = pair.methods[method_name].values
        told = " ".join(f"{name} {values[name]:.3f}" for name in ("mask_ssim", "ssim") if name in values)
        captions.append(f"{pair.source} > {pair.target}   {told}")
    titles = ["source", "target pose", "true target", "warped source", "parsing", "generated"]
    return visualize.panel(rows, titles, scale, captions)
