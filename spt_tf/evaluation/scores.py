"""Scores of pairs, and their means."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from spt_tf.evaluation import pixels, protocols
from spt_tf.evaluation.image_parser import ImageParser
from spt_tf.evaluation.lpips import Lpips
from spt_tf.evaluation.methods import Generated
from spt_tf.evaluation.pckh import joints_found
from spt_tf.evaluation.texture import Texture, colour_error

METRICS = ("ssim", "mask_ssim", "l1", "psnr", "lpips", "parsing_miou", "texture", "colour_error")


class Scores(NamedTuple):
    """One method's scores of one pair.

    values: metric -> value; what is not measured (a protocol without mask-SSIM, an image without parsing) is
        absent; NaN or infinite where a metric is not defined (an empty mask; PSNR of equal images).
    overlap, union: ten pixel counts each, intersection and union of every parsing label; empty without one.
    joints: found and wanted joints (`pckh.joints_found`), empty where nobody looked.
    image_overlap, image_union: as overlap and union, of the image as an image parser sees it.
    """

    values: dict[str, float]
    overlap: list[int]
    union: list[int]
    joints: list[int]
    image_overlap: list[int]
    image_union: list[int]


class PairScores(NamedTuple):
    """All methods' scores of one pair, by method name."""

    source: str
    target: str
    methods: dict[str, Scores]


def score_batch(
    batch: dict[str, np.ndarray],
    generated: Generated,
    protocol: str,
    lpips: Lpips | None = None,
    keypoints: np.ndarray | None = None,
    texture: Texture | None = None,
    image_parser: ImageParser | None = None,
) -> list[Scores]:
    """Scores what a method made of a batch.

    Args:
        batch: an element of `data.pipeline.pair_batches` as arrays.
        generated: uint8 images and parsing.
        protocol: a name of `protocols.PROTOCOLS`, for SSIM and mask-SSIM.
        lpips: the metric with its weights, or None to leave it out.
        keypoints: `[B,18,2]` as found in the generated images, for PCKh; None to leave it out.
        texture, image_parser: the metrics, or None to leave them out.

    Returns:
        one `Scores` a pair.
    """
    target, image = batch["target_image"], np.asarray(generated.image)
    columns = {
        "ssim": protocols.ssim(target, image, protocol),
        "l1": pixels.l1(target, image),
        "psnr": pixels.psnr(target, image),
    }
    if protocols.find_protocol(protocol).draw_masks is not None:
        columns["mask_ssim"] = protocols.mask_ssim(target, image, batch["target_keypoints"], protocol)
    if lpips is not None:
        columns["lpips"] = lpips(target, image)
    if texture is not None:
        columns["texture"] = texture.distance(target, image, batch["target_parsing"])
        columns["colour_error"] = colour_error(target, image, batch["target_parsing"])
    overlap = union = joints = image_overlap = image_union = np.zeros((len(target), 0), int)
    if generated.parsing is not None:
        counts = pixels.confusion(batch["target_parsing"], np.asarray(generated.parsing))
        overlap, union = pixels.overlap_and_union(counts)
        columns["parsing_miou"] = pixels.mean_iou(counts)
    if image_parser is not None:
        counts = pixels.confusion(batch["target_parsing"], image_parser(image))
        image_overlap, image_union = pixels.overlap_and_union(counts)
    if keypoints is not None:
        joints = joints_found(batch["target_keypoints"], keypoints)
    return [
        Scores(
            {metric: float(columns[metric][place]) for metric in METRICS if metric in columns},
            overlap[place].tolist(),
            union[place].tolist(),
            joints[place].tolist(),
            image_overlap[place].tolist(),
            image_union[place].tolist(),
        )
        for place in range(len(target))
    ]


def summarize(scores: Sequence[Scores]) -> dict[str, object]:
    """Means over pairs.

    `parsing_miou` is that of all pixels together, as parsing papers report it; `parsing_miou_per_pair` the
    mean of the pairs' own; `image_parsing_miou` that of all pixels as an image parser sees the image. `pckh`
    is found over wanted joints of all pairs together. Values that are not finite are left out of a mean and
    counted in `not_finite`.
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
    if scores and scores[0].union:
        summary["parsing_miou"] = _pooled([s.overlap for s in scores], [s.union for s in scores])
    if scores and scores[0].image_union:
        summary["image_parsing_miou"] = _pooled(
            [s.image_overlap for s in scores], [s.image_union for s in scores]
        )
    if scores and scores[0].joints:
        found, wanted = (int(total) for total in np.sum([score.joints for score in scores], axis=0))
        summary.update(pckh_found=found, pckh_wanted=wanted, **({"pckh": found / wanted} if wanted else {}))
    if not_finite:
        summary["not_finite"] = not_finite
    return summary


def _pooled(overlaps: Sequence[Sequence[int]], unions: Sequence[Sequence[int]]) -> float:
    """mIoU of all pairs' pixels together, over the labels that occur."""
    overlap, union = np.sum(overlaps, axis=0), np.sum(unions, axis=0)
    return float(np.mean(overlap[union > 0] / union[union > 0]))
