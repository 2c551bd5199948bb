"""Evaluates a finished run on the test pairs of a data directory, and writes everything down."""

from __future__ import annotations

import csv
import io
import json
import os
import pathlib
import platform
from collections.abc import Sequence
from typing import NamedTuple

import cv2
import keras
import numpy as np
import tensorflow as tf
from absl import logging

from spt_tf import visualize
from spt_tf.data.atomic_write import write_whole
from spt_tf.data.datasets import load_pairs, load_people
from spt_tf.data.pipeline import pair_batches
from spt_tf.data.report import LoadingReport
from spt_tf.evaluation import baselines, evaluator, html_report, methods, protocols, scores, sheets, views
from spt_tf.evaluation.inception_graph import InceptionGraph
from spt_tf.evaluation.set_scores import score_set
from spt_tf.training.finished_run import load_finished_run

OURS, COPIED, WARPED = "generated", "copied_source", "warped_source"
SHEET_ROWS = 8


class EvaluationPlan(NamedTuple):
    """What to evaluate.

    run_dir: a run directory of `scripts/train.py`. data_dir: a data directory with test people and pairs.
    protocol: a name of `protocols.PROTOCOLS`. limit: the first so many pairs only; 0 for all.
    batch_size: pairs generated at once. output_dir: where results go.
    inception_graph: the literature's frozen graph, for Inception score, mask-IS and FID, or None.
    pckh: whether to look for joints with the run's own pose detector.
    """

    run_dir: str
    data_dir: str
    protocol: str
    limit: int
    batch_size: int
    output_dir: str
    inception_graph: str | None = None
    pckh: bool = False


def evaluate_run(plan: EvaluationPlan) -> dict[str, object]:
    """Scores the run and two untrained baselines on the same pairs.

    Writes metrics.json, pairs.csv, sheet_{random,best,worst}.png and report.html; scores.jsonl holds what is
    done, so that the same call carries on after an interruption.

    Returns:
        what metrics.json holds.

    Raises:
        ValueError: one line on what cannot be evaluated: no finished run, no test pairs, a wrong size.
    """
    rules = protocols.find_protocol(plan.protocol)
    inception = InceptionGraph(plan.inception_graph) if plan.inception_graph else None
    run = load_finished_run(plan.run_dir)
    index = load_people(plan.data_dir, "test", run.generator.canvas)
    listed = load_pairs(plan.data_dir, "test", index)
    for report in (index.report, listed.report):
        logging.info("%s", report.summary())
    pairs = listed.pairs[: plan.limit or None]
    semantic = run.generator.predicts_parsing
    if plan.pckh and run.pose_detector is None:
        raise ValueError("--pckh: this run has no pose detector")
    if not semantic:
        logging.warning("no semantic generator in this run: it is given the target's own parsing (TS-GT)")
    compared = {
        OURS: (methods.trained if semantic else methods.trained_on_true_parsing)(run.generator),
        COPIED: baselines.copied_source,
        WARPED: baselines.warped_source,
    }
    output = pathlib.Path(plan.output_dir)
    weights = {"run_dir": plan.run_dir, "stage": run.stage, "step": run.step}
    if not semantic:
        weights["target_parsing"] = "the target's own (TS-GT)"
    data = {"data_dir": plan.data_dir, "fingerprint": evaluator.fingerprint(index, pairs)}
    scored = evaluator.evaluate_pairs(
        compared,
        index,
        pairs,
        plan.protocol,
        plan.batch_size,
        output / "scores.jsonl",
        {"weights": weights, "data": data["fingerprint"]},
    )
    turned, known_from = views.changes_view(plan.data_dir, index, pairs)
    metrics = {
        "protocol": {"name": plan.protocol, "description": rules.description},
        "means": evaluator.summarize_subsets(scored, {"changes_view": turned, "same_view": ~turned}),
        "changes_view_known_from": known_from,
        "weights": weights,
        "data": {**data, "pairs": len(pairs), "left_out": _left_out(index.report, listed.report)},
        "formats": _FORMATS,
        "versions": _versions(),
        "left_out_metrics": _left_out_metrics(plan, rules),
    }
    if plan.pckh or inception is not None:
        batches = pair_batches(index, pairs, plan.batch_size)
        metrics["set_scores"] = {
            name: score_set(method, batches, run.pose_detector, inception)
            for name, method in compared.items()
        }
    write_whole(output / "metrics.json", (json.dumps(metrics, indent=2) + "\n").encode())
    write_whole(output / "pairs.csv", _table(scored, turned).encode())
    for name, places in sheets.choose_pairs(scored, OURS, SHEET_ROWS).items():
        chosen = [scored[place] for place in places]
        sheet = sheets.draw_sheet(index, chosen, compared[OURS], compared[WARPED], OURS, scale=2)
        visualize.write_png(output / f"sheet_{name}.png", sheet)
    write_whole(output / "report.html", html_report.write_report(metrics).encode())
    return metrics


_FORMATS = {
    "ssim, mask_ssim": "-1..1, mean over pairs",
    "l1": "mean absolute difference, images in [-1, 1]",
    "psnr": "decibels, peak 255, mean over pairs",
    "parsing_miou": "0..1, predicted against true target parsing, all pixels together, labels that occur",
    "parsing_miou_per_pair": "0..1, mean of the pairs' own",
    "is, mask_is": "10 splits, mean and population standard deviation; fid: pool_3, sample covariance",
    "pckh": "0..1, half a head box, joints found by the run's own pose detector",
}


def _left_out_metrics(plan: EvaluationPlan, rules: protocols.Protocol) -> dict[str, str]:
    """What is not told, and why: never a number from random weights."""
    reasons = {"lpips": "not built"}
    if rules.draw_masks is None:
        reasons["mask_ssim"] = f"the scripts of protocol {plan.protocol} have none"
    if not plan.inception_graph:
        reasons["inception score, mask-IS, fid"] = "no --inception_graph was given"
    if not (plan.pckh or plan.inception_graph):
        reasons["pckh"] = "not asked for by --pckh"
    return reasons


def _left_out(*reports: LoadingReport) -> list[dict[str, str]]:
    return [
        {
            "file": os.path.basename(report.file),
            "name": entry.name,
            "why": f"{entry.reason.value} {entry.detail}",
        }
        for report in reports
        for entry in report.left_out
    ]


def _table(scored: Sequence[scores.PairScores], turned: np.ndarray) -> str:
    """One line a pair; columns method/metric."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    columns = [(method, metric) for method, first in scored[0].methods.items() for metric in first.values]
    writer.writerow(["from", "to", "changes_view", *(f"{method}/{metric}" for method, metric in columns)])
    for pair, turns in zip(scored, turned):
        values = [f"{pair.methods[method].values[metric]:.9g}" for method, metric in columns]
        writer.writerow([pair.source, pair.target, int(turns), *values])
    return text.getvalue()


def _versions() -> dict[str, str]:
    return {
        "python": platform.python_version(),
        "tensorflow": tf.__version__,
        "keras": keras.__version__,
        "numpy": np.__version__,
        "opencv": cv2.__version__,
    }
