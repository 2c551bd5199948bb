"""Evaluates a finished run, or a folder of images, on a data directory's test pairs; writes all down."""

from __future__ import annotations

import json
import pathlib
from typing import Any

import numpy as np
from absl import logging

from spt_tf import visualize
from spt_tf.anatomy import LABELS
from spt_tf.curves import plot_runs
from spt_tf.data.atomic_write import write_whole
from spt_tf.evaluation import evaluator, pixels, protocols, sheets, tables, views
from spt_tf.evaluation.candidate import OURS, WARPED, Candidate, open_candidate
from spt_tf.evaluation.failure_report import report_failures
from spt_tf.evaluation.metrics.registry import make_metrics, open_metrics
from spt_tf.evaluation.plan import EvaluationPlan
from spt_tf.evaluation.report.page import write_page
from spt_tf.evaluation.report.saved_evaluation import ROLES, pictures_folder, read_evaluation
from spt_tf.evaluation.score_table import ScoreTable

SHEET_ROWS = 8


def evaluate_run(plan: EvaluationPlan) -> dict[str, Any]:
    """Scores a run or a folder of images, and two untrained baselines on the same pairs.

    Writes metrics.json, pairs.csv, pictures of some pairs (pairs/, sheet_{random,best,median,worst}.png),
    curves.png of a run that was trained, and report.html; scores/ holds what is done, so that the same call
    carries on after an interruption.

    Returns:
        what metrics.json holds.

    Raises:
        ValueError: one message on what cannot be evaluated: no finished run, no test pairs, a wrong size, a
            missing image.
    """
    plan.check()
    rules = protocols.find_protocol(plan.protocol)
    metrics = make_metrics(plan)
    candidate = open_candidate(plan)
    index, pairs = candidate.index, candidate.pairs
    measured = open_metrics(metrics, candidate)
    output = pathlib.Path(plan.output_dir)
    data = {"data_dir": plan.data_dir, "fingerprint": evaluator.fingerprint(index, pairs)}
    identity = {**candidate.origin, "data": data["fingerprint"]}
    table = evaluator.evaluate_pairs(
        candidate.methods, index, pairs, measured, plan.batch_size, output / "scores", identity
    )
    turned, known_from = views.changes_view(plan.data_dir, index, pairs)
    results = {
        "protocol": {"name": plan.protocol, "description": rules.description},
        "means": table.summarize_subsets({"changes_view": turned, "same_view": ~turned}),
        "changes_view_known_from": known_from,
        "restrictions": list(plan.restrictions().values()),
        **candidate.origin,
        "data": {**data, "pairs": len(pairs), "left_out": candidate.left_out},
        "formats": tables.formats(metrics),
        "versions": tables.versions(),
        "left_out_metrics": tables.left_out_metrics(metrics),
    }
    if table.set_scores:
        results["set_scores"] = table.set_scores
    if plan.failure_cases:
        results["failure_cases"] = report_failures(plan, candidate, table, identity, output)
    _write(output, results, table, turned, candidate, plan.run_dir)
    return results


def _write(
    output: pathlib.Path,
    results: dict[str, object],
    table: ScoreTable,
    turned: np.ndarray,
    candidate: Candidate,
    run_dir: str | None,
) -> None:
    chosen = sheets.choose_pairs(table, OURS, SHEET_ROWS)
    results["label_iou"] = _label_iou(table)
    results["chosen"] = {
        why: [list(table.pairs[place]) for place in places] for why, places in chosen.items()
    }
    write_whole(output / "metrics.json", (json.dumps(results, indent=2) + "\n").encode())
    write_whole(output / "pairs.csv", tables.pairs_table(table, turned).encode())
    ours, warped = candidate.methods[OURS], candidate.methods[WARPED]
    pictures = sheets.draw_pairs(candidate.index, table, chosen, ours, warped)
    for place, row in pictures.items():
        folder = pictures_folder(output, table.pairs[place])
        for role, picture in zip(ROLES, row):
            if picture is not None:
                visualize.write_png(folder / f"{role}.png", picture)
    for name, sheet in sheets.lay_out(pictures, table, chosen, OURS, scale=2).items():
        visualize.write_png(output / f"sheet_{name}.png", sheet)
    write_curves(output, run_dir)
    write_whole(output / "report.html", write_page([read_evaluation(output)]).encode())


def _label_iou(table: ScoreTable) -> dict[str, dict[str, float | None]]:
    """method -> label -> IoU of the predicted with the true parsing, all pixels together; None: nowhere."""
    found = {}
    for method in table.methods:
        columns = table.columns[method].get("parsing_miou")
        if columns:
            found[method] = dict(zip(LABELS, pixels.label_ious(columns["overlap"], columns["union"])))
    return found


def write_curves(output: pathlib.Path, run_dir: str | None) -> bool:
    """Draws how a run was trained, `curves.png`; False where there is no run, or it has logged nothing."""
    try:
        picture = plot_runs([run_dir] if run_dir else [])
    except ValueError as error:
        logging.info("no curves in the report: %s", error)
        return False
    write_whole(output / "curves.png", picture)
    return True
