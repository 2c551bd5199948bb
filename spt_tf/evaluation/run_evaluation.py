"""Evaluates a finished run, or a folder of images, on a data directory's test pairs; writes all down."""

from __future__ import annotations

import hashlib
import json
import pathlib

from spt_tf import visualize
from spt_tf.data.atomic_write import write_whole
from spt_tf.evaluation import evaluator, html_report, protocols, sheets, tables, views
from spt_tf.evaluation.failure_report import report_failures
from spt_tf.evaluation.image_parser import load_image_parser
from spt_tf.evaluation.inception_features import INCEPTION_SPLITS, InceptionFeatures
from spt_tf.evaluation.inception_graph import InceptionGraph
from spt_tf.evaluation.lpips import Lpips
from spt_tf.evaluation.lpips_weights import read_lpips_weights
from spt_tf.evaluation.measures import Measures, annotated_joints, detected_joints
from spt_tf.evaluation.plan import EvaluationPlan
from spt_tf.evaluation.subject import OURS, WARPED, Subject, open_subject, read_generated_annotations
from spt_tf.evaluation.texture import Texture

SHEET_ROWS = 8


def evaluate_run(plan: EvaluationPlan) -> dict[str, object]:
    """Scores a run or a folder of images, and two untrained baselines on the same pairs.

    Writes metrics.json, pairs.csv, sheet_{random,best,worst}.png and report.html; scores.jsonl and inception/
    hold what is done, so that the same call carries on after an interruption.

    Returns:
        what metrics.json holds.

    Raises:
        ValueError: one message on what cannot be evaluated: no finished run, no test pairs, a wrong size, a
            missing image.
    """
    rules = protocols.find_protocol(plan.protocol)
    graph = InceptionGraph(plan.inception_graph) if plan.inception_graph else None
    lpips = Lpips(read_lpips_weights(plan.lpips_weights)) if plan.lpips_weights else None
    subject = open_subject(plan)
    index, pairs, methods = subject.index, subject.pairs, subject.methods
    if graph and len(pairs) < INCEPTION_SPLITS:
        raise ValueError(
            f"the Inception score wants at least {INCEPTION_SPLITS} pairs, there are {len(pairs)}"
        )
    parser = load_image_parser(plan.image_parser, index.canvas) if plan.image_parser else None
    output = pathlib.Path(plan.output_dir)
    joints = _joint_finders(plan, subject)
    data = {"data_dir": plan.data_dir, "fingerprint": evaluator.fingerprint(index, pairs)}
    identity = {**subject.origin, "data": data["fingerprint"], **_measure_identity(plan)}
    features = InceptionFeatures(graph, output / "inception", list(methods), identity) if graph else None
    scored = evaluator.evaluate_pairs(
        methods,
        index,
        pairs,
        plan.protocol,
        plan.batch_size,
        output / "scores.jsonl",
        identity,
        Measures(lpips, joints, features, Texture() if plan.texture else None, parser),
    )
    turned, known_from = views.changes_view(plan.data_dir, index, pairs)
    metrics = {
        "protocol": {"name": plan.protocol, "description": rules.description},
        "means": evaluator.summarize_subsets(scored, {"changes_view": turned, "same_view": ~turned}),
        "changes_view_known_from": known_from,
        **subject.origin,
        "data": {**data, "pairs": len(pairs), "left_out": subject.left_out},
        "formats": tables.formats(lpips.network if lpips else None, plan.generated_annotations),
        "versions": tables.versions(),
        "left_out_metrics": tables.left_out_metrics(plan, rules),
    }
    if features is not None:
        metrics["set_scores"] = features.finish()
    if plan.failure_cases:
        metrics["failure_cases"] = report_failures(plan, subject, scored, identity, output)
    write_whole(output / "metrics.json", (json.dumps(metrics, indent=2) + "\n").encode())
    write_whole(output / "pairs.csv", tables.pairs_table(scored, turned).encode())
    for name, places in sheets.choose_pairs(scored, OURS, SHEET_ROWS).items():
        chosen = [scored[place] for place in places]
        sheet = sheets.draw_sheet(index, chosen, methods[OURS], methods[WARPED], OURS, scale=2)
        visualize.write_png(output / f"sheet_{name}.png", sheet)
    write_whole(output / "report.html", html_report.write_report(metrics).encode())
    return metrics


def _joint_finders(plan: EvaluationPlan, subject: Subject) -> dict:
    finders = {}
    if plan.pckh:
        finders = dict.fromkeys(subject.methods, detected_joints(subject.pose_detector))
    if plan.generated_annotations:
        found = read_generated_annotations(plan.generated_annotations, subject.pairs, subject.index.canvas)
        finders[OURS] = annotated_joints(found)
    return finders


def _measure_identity(plan: EvaluationPlan) -> dict[str, object]:
    """What else scores depend on: the files' contents, not their names."""
    paths = {
        "lpips": plan.lpips_weights,
        "joints": plan.generated_annotations,
        "inception": plan.inception_graph,
        "image_parser": plan.image_parser,
    }
    digests = {
        name: hashlib.sha256(pathlib.Path(path).read_bytes()).hexdigest()
        for name, path in paths.items()
        if path
    }
    return {"measures": {**digests, "pckh": plan.pckh, "texture": plan.texture}}
