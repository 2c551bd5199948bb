"""The candidate: a run or a folder of images, opened and checked, with the pairs that it is scored on."""

from __future__ import annotations

import dataclasses
import hashlib
import os
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import tensorflow as tf
from absl import logging

from spt_tf.data.datasets import PairList, check_data_dir, first_canvas, load_pairs, load_people
from spt_tf.data.people_index import PeopleIndex
from spt_tf.data.report import LoadingReport, Reason
from spt_tf.evaluation import baselines, protocols
from spt_tf.evaluation.generated_files import Pair, find_generated, some_names, stored_images
from spt_tf.evaluation.methods import Method, found_in_photos, image_alone, trained, trained_on_true_parsing
from spt_tf.evaluation.plan import EvaluationPlan
from spt_tf.inference import FinishedRun, load_finished_run, read_config
from spt_tf.perception.finder import load_finder, weights_digest

OURS, COPIED, WARPED = "generated", "copied_source", "warped_source"
FOUND_POSE, FOUND_PARSING, FOUND_BOTH = "found_pose", "found_parsing", "found_both"


@dataclasses.dataclass(frozen=True, eq=False)
class Candidate:
    """What is evaluated, and what it is compared with.

    methods: by the names that results stand under; `OURS` is what is evaluated.
    index, pairs: the people and the pairs to score. origin: where `OURS` comes from, for metrics.json.
    left_out: entries of {file, name, why} that are not scored.
    pose_detector: the run's, images in [-1, 1] -> heatmaps; None without a run.
    """

    methods: dict[str, Method]
    index: PeopleIndex
    pairs: tuple[Pair, ...]
    origin: dict[str, object]
    left_out: list[dict[str, str]]
    pose_detector: Callable[[tf.Tensor], tf.Tensor] | None


def open_candidate(plan: EvaluationPlan) -> Candidate:
    """Opens what the plan names.

    Raises:
        ValueError: one message on what is missing or does not fit, by name.
    """
    plan.check()
    check_data_dir(plan.data_dir)
    canvas = read_config(plan.run_dir).canvas if plan.run_dir else first_canvas(plan.data_dir, "test")
    protocols.check_canvas(plan.protocol, canvas)
    run = load_finished_run(plan.run_dir, precision=plan.precision) if plan.run_dir else None
    index = load_people(plan.data_dir, "test", canvas, with_parsing=not plan.generated_dir)
    listed = load_pairs(plan.data_dir, "test", index)
    _report(index, listed, plan.allow_missing)
    pairs = listed.pairs[: plan.limit or None]
    left_out = _entries(index.report) + _entries(listed.report)
    origin: dict[str, object] = {}
    methods: dict[str, Method] = {COPIED: baselines.copied_source, WARPED: baselines.warped_source}
    if run:
        run = dataclasses.replace(run, untraced_calls=0)  # for a data set a graph pays
        if plan.true_target_parsing and not run.config.network.semantics:
            raise ValueError("--true_target_parsing: this run has no semantics, it cannot draw on a parsing")
        origin["weights"] = _weights(plan, run)
        ours = trained_on_true_parsing(run) if _is_given_parsing(plan, run) else trained(run)
        if plan.finder:
            methods = {**_with_finder(plan.finder, plan.flip_test, run), **methods}
            origin["finder"] = {
                "run_dir": plan.finder,
                "weights": weights_digest(plan.finder),
                "flip_test": plan.flip_test,
            }
    if plan.generated_dir:
        files, unscored, origin["images"] = _open_folder(
            plan.generated_dir, plan.allow_missing, canvas, listed.pairs, pairs
        )
        ours = stored_images(files, canvas)
        methods = {name: image_alone(method) for name, method in methods.items()}
        pairs, left_out = tuple(files), left_out + unscored
    return Candidate(
        {OURS: ours, **methods}, index, pairs, origin, left_out, run.pose_detector if run else None
    )


def _weights(plan: EvaluationPlan, run: FinishedRun) -> dict[str, object]:
    weights: dict[str, object] = {"run_dir": plan.run_dir, "stage": run.stage, "step": run.step}
    if run.generator.needs_target_parsing:
        logging.warning("no semantic generator in this run: it is given the target's own parsing (TS-GT)")
    if _is_given_parsing(plan, run):
        weights["target_parsing"] = "the target's own (TS-GT)"
    return weights


def _with_finder(run_dir: str, flip_test: bool, run: FinishedRun) -> dict[str, Method]:
    """The run on found poses, on found parsings, and on both."""
    if run.generator.needs_target_parsing:
        raise ValueError("--finder: this run draws on given target parsings, which are not found in photos")
    finder = load_finder(run_dir, flip_test)
    if finder.canvas != tuple(run.canvas):
        sizes = "{}x{}, the run's are {}x{}".format(*finder.canvas, *run.canvas)
        raise ValueError(f"--finder={run_dir}: it looks at images of {sizes}")
    return {
        FOUND_POSE: found_in_photos(run, finder, pose=True, parsing=False),
        FOUND_PARSING: found_in_photos(run, finder, pose=False, parsing=True),
        FOUND_BOTH: found_in_photos(run, finder, pose=True, parsing=True),
    }


def _is_given_parsing(plan: EvaluationPlan, run: FinishedRun) -> bool:
    return plan.true_target_parsing or run.generator.needs_target_parsing


def _open_folder(
    folder: str,
    allow_missing: bool,
    canvas: tuple[int, int],
    known: Sequence[Pair],
    wanted: Sequence[Pair],
) -> tuple[Mapping[Pair, Path], list[dict[str, str]], dict[str, object]]:
    """The files to score, what is not scored, and what metrics.json says of the folder."""
    found = find_generated(folder, known, canvas, wanted)
    logging.info("%s", found.summary(folder))
    lacking = found.missing or found.unusable
    if not found.files or (lacking and not allow_missing):
        hint = "\n--allow_missing scores the others" if found.files else ""
        raise ValueError(found.summary(folder) + hint)
    reasons = {f"{source} > {target}": "no image" for source, target in found.missing}
    reasons.update({**found.unusable, **dict.fromkeys(found.unknown, "no pair goes by this name")})
    digest = hashlib.sha256()
    for path in found.files.values():
        digest.update(hashlib.sha256(path.read_bytes()).digest())
    entries = [{"file": folder, "name": name, "why": why} for name, why in reasons.items()]
    return found.files, entries, {"generated_dir": folder, "fingerprint": digest.hexdigest()}


def _report(index: PeopleIndex, listed: PairList, allow_missing: bool) -> None:
    """Logs what was left out; stops where that loses pairs, unless allowed."""
    for report in (index.report, listed.report):
        logging.info("%s", report.summary())
    why = {entry.name: f"{entry.reason.value} {entry.detail}".rstrip() for entry in index.report.left_out}
    lost = [entry for entry in listed.report.left_out if entry.reason is Reason.PERSON_LEFT_OUT]
    if lost and not allow_missing:
        names = dict.fromkeys(name for entry in lost for name in entry.detail.split(", "))
        reasons = [f"{name} ({why.get(name, 'not in the annotations')})" for name in names]
        raise ValueError(
            f"{listed.report.file}: {len(lost):,} pairs cannot be scored, for lack of {some_names(reasons)}\n"
            f"--allow_missing scores the others"
        )


def _entries(report: LoadingReport) -> list[dict[str, str]]:
    return [
        {
            "file": os.path.basename(report.file),
            "name": entry.name,
            "why": f"{entry.reason.value} {entry.detail}",
        }
        for entry in report.left_out
    ]
