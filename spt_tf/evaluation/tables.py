"""What stands beside the numbers: formats, versions, what is left out and why, and the per-pair table."""

from __future__ import annotations

import csv
import io
import platform
from collections.abc import Sequence

import cv2
import keras
import numpy as np
import tensorflow as tf

from spt_tf.evaluation.plan import EvaluationPlan
from spt_tf.evaluation.protocols import Protocol
from spt_tf.evaluation.scores import METRICS, PairScores


def formats(lpips_network: str | None, joints_from: str | None) -> dict[str, str]:
    """Range, unit and averaging of every number. lpips_network: its backbone, where there is one."""
    found_by = f"from {joints_from}" if joints_from else "found by the run's own pose detector"
    told = {
        "ssim, mask_ssim": "-1..1, mean over pairs",
        "l1": "mean absolute difference, images in [-1, 1]",
        "psnr": "decibels, peak 255, mean over pairs",
        "parsing_miou": "0..1, predicted against true target parsing, all pixels together, labels that occur",
        "parsing_miou_per_pair": "0..1, mean of the pairs' own",
        "texture": "0 and up, distance of Gram matrices under the true parsing, random filters; low is good",
        "colour_error": "0..255, each label's mean colour, mean over labels and pairs; low is good",
        "image_parsing_miou": "0..1, the generated image as an image parser sees it against the true parsing",
        "is, mask_is": "10 splits, mean and population standard deviation; fid: pool_3, sample covariance",
        "pckh": f"0..1, half a head box, all pairs together, joints of the generated images {found_by}",
    }
    if lpips_network:
        told["lpips"] = f"0 and up, mean over pairs, version 0.1, {lpips_network} backbone, images in [-1, 1]"
    return told


def left_out_metrics(plan: EvaluationPlan, rules: Protocol) -> dict[str, str]:
    """What is not told, and why: never a number from random weights."""
    reasons = {}
    if not plan.lpips_weights:
        reasons["lpips"] = "no --lpips_weights was given"
    if rules.draw_masks is None:
        reasons["mask_ssim"] = f"the scripts of protocol {plan.protocol} have none"
    if not plan.inception_graph:
        reasons["inception score, mask-IS, fid"] = "no --inception_graph was given"
    if not (plan.pckh or plan.generated_annotations):
        reasons["pckh"] = "asked for neither by --pckh nor by --generated_annotations"
    if not (plan.texture or plan.generated_dir):
        reasons["texture, colour_error"] = "--texture was not asked for"
    if not (plan.image_parser or plan.generated_dir):
        reasons["image_parsing_miou"] = "no --image_parser was given"
    if plan.generated_dir:
        metrics = "parsing_miou, image_parsing_miou, texture, colour_error"
        reasons[metrics] = "a folder of images is scored without label maps"
    return reasons


def pairs_table(scored: Sequence[PairScores], turned: np.ndarray) -> str:
    """CSV of one line a pair; columns method/metric, and found and wanted joints where somebody looked."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    columns = [
        (method, metric)
        for method, first in scored[0].methods.items()
        for metric in (*METRICS, "joints_found", "joints_wanted")
        if metric in first.values or (metric.startswith("joints") and first.joints)
    ]
    writer.writerow(["from", "to", "changes_view", *(f"{method}/{metric}" for method, metric in columns)])
    for pair, turns in zip(scored, turned):
        values = []
        for method, metric in columns:
            scores = pair.methods[method]
            joints = dict(zip(("joints_found", "joints_wanted"), scores.joints))
            values.append(f"{scores.values.get(metric, joints.get(metric)):.9g}")
        writer.writerow([pair.source, pair.target, int(turns), *values])
    return text.getvalue()


def versions() -> dict[str, str]:
    """Of what computed the numbers."""
    return {
        "python": platform.python_version(),
        "tensorflow": tf.__version__,
        "keras": keras.__version__,
        "numpy": np.__version__,
        "opencv": cv2.__version__,
    }
