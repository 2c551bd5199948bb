"""Scores of pairs, and their means."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from spt_tf.evaluation import pixels, protocols
from spt_tf.evaluation.methods import Generated

METRICS = ("ssim", "mask_ssim", "l1", "psnr", "parsing_miou")


class Scores(NamedTuple):
    """One method's scores of one pair.

    values: metric -> value; `mask_ssim` is absent where the protocol has none; NaN or infinite where a
        metric is not defined (an empty mask; PSNR of equal images).
    overlap, union: ten pixel counts each, intersection and union of every parsing label.
    """

    values: dict[str, float]
    overlap: list[int]
    union: list[int]


class PairScores(NamedTuple):
    """All methods' scores of one pair, by method name."""

    source: str
    target: str
    methods: dict[str, Scores]


def score_batch(batch: dict[str, np.ndarray], generated: Generated, protocol: str) -> list[Scores]:
    """Scores what a method made of a batch.

    Args:
        batch: an element of `data.pipeline.pair_batches` as arrays.
        generated: uint8 images and parsing.
        protocol: a name of `protocols.PROTOCOLS`, for SSIM and mask-SSIM.

    Returns:
        one `Scores` a pair.
    """
    target, image = batch["target_image"], np.asarray(generated.image)
    counts = pixels.confusion(batch["target_parsing"], np.asarray(generated.parsing))
    overlap = np.diagonal(counts, axis1=1, axis2=2)
    union = counts.sum(axis=1) + counts.sum(axis=2) - overlap
    columns = {
        "ssim": protocols.ssim(target, image, protocol),
        "l1": pixels.l1(target, image),
        "psnr": pixels.psnr(target, image),
        "parsing_miou": pixels.mean_iou(counts),
    }
    if protocols.find_protocol(protocol).draw_masks is not None:
        columns["mask_ssim"] = protocols.mask_ssim(target, image, batch["target_keypoints"], protocol)
    return [
        Scores(
            {metric: float(columns[metric][place]) for metric in METRICS if metric in columns},
            overlap[place].tolist(),
            union[place].tolist(),
        )
        for place in range(len(target))
    ]


def summarize(scores: Sequence[Scores]) -> dict[str, object]:
    """Means over pairs.

    `parsing_miou` is that of all pixels together, as parsing papers report it; `parsing_miou_per_pair` the
    mean of the pairs' own. Values that are not finite are left out of a mean and counted in `not_finite`.
    """
    summary: dict[str, object] = {"pairs": len(scores)}
    not_finite = {}
    for metric in METRICS:
        values = [score.values[metric] for score in scores if metric in score.values]
        finite = [value for value in values if math.isfinite(value)]
        name = "parsing_miou_per_pair" if metric == "parsing_miou" else metric
        if finite:
            summary[name] = float(np.mean(finite))
        if len(finite) < len(values):
            not_finite[name] = len(values) - len(finite)
    if scores:
        overlap = np.sum([score.overlap for score in scores], axis=0)
        union = np.sum([score.union for score in scores], axis=0)
        summary["parsing_miou"] = float(np.mean(overlap[union > 0] / union[union > 0]))
    if not_finite:
        summary["not_finite"] = not_finite
    return summary
