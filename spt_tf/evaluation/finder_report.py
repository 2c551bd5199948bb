"""Evaluates a finished finder on a data directory's test people, and writes down how well it finds them."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from spt_tf import visualize
from spt_tf.anatomy import JOINTS, LABELS
from spt_tf.data.atomic_write import write_whole
from spt_tf.data.datasets import load_people
from spt_tf.evaluation import pixels
from spt_tf.evaluation.finder_card import finder_card
from spt_tf.evaluation.finder_scores import FinderScores, Truth, find_in, people_of, score
from spt_tf.perception.finder import Found, load_finder

_FAILURES = 12  # rows of the failure sheet


class FinderPlan(NamedTuple):
    """run_dir: of scripts/train_perception.py. data_dir: whose test people are looked at, the first `limit`
    (0: all). output_dir: where results go. flip_test: look at mirror images too.
    """

    run_dir: str
    data_dir: str
    output_dir: str
    limit: int = 0
    flip_test: bool = False


def evaluate_finder(plan: FinderPlan) -> dict[str, Any]:
    """Scores a finder; writes metrics.json, tables.txt, failures.png and model_card.md.

    Returns what metrics.json holds. Raises RunNotFound, DatasetError.
    """
    finder = load_finder(plan.run_dir, plan.flip_test)
    index = load_people(plan.data_dir, "test", finder.canvas)
    truth = people_of(index, plan.limit)
    found = find_in(finder, truth)
    scores = score(truth, found)
    results: dict[str, Any] = {
        "run_dir": plan.run_dir,
        "step": finder.step,
        "flip_test": plan.flip_test,
        "data_dir": plan.data_dir,
        "people": len(truth.images),
        **scores.numbers(),
        "labels": label_table(scores),
        "joints": joint_table(scores),
    }
    output = Path(plan.output_dir)
    write_whole(output / "metrics.json", (json.dumps(results, indent=2) + "\n").encode())
    write_whole(output / "tables.txt", tables_text(results).encode())
    visualize.write_png(output / "failures.png", failure_sheet(truth, found, scores, index.names))
    write_whole(output / "model_card.md", finder_card(finder, results).encode())
    return results


def label_table(scores: FinderScores) -> dict[str, dict[str, float]]:
    """Of each label that occurs: IoU, precision and recall of its pixels, and its share of all pixels."""
    counts = scores.confusion.sum(axis=0)
    overlap, union = pixels.overlap_and_union(counts)
    true, told = counts.sum(axis=1), counts.sum(axis=0)
    return {
        label: {
            "iou": float(overlap[i] / union[i]),
            "precision": float(overlap[i] / max(told[i], 1)),
            "recall": float(overlap[i] / max(true[i], 1)),
            "share": float(true[i] / counts.sum()),
        }
        for i, label in enumerate(LABELS)
        if union[i]
    }


def joint_table(scores: FinderScores) -> dict[str, dict[str, float]]:
    """Of each joint: PCKh, precision and recall of "missing", and the share of people whose it is missing."""
    right = scores.missing & scores.told_missing
    table = {}
    for i, joint in enumerate(JOINTS):
        shares = {
            "pckh": (scores.hits, scores.wanted),
            "missing_precision": (right, scores.told_missing),
            "missing_recall": (right, scores.missing),
        }
        row = {name: float(a[:, i].sum() / b[:, i].sum()) for name, (a, b) in shares.items() if b[:, i].any()}
        table[joint] = {**row, "missing": float(scores.missing[:, i].mean())}
    return table


def tables_text(results: dict[str, Any]) -> str:
    """The numbers for people to read."""
    whole = ("miou", "miou_sides_merged", "pckh", "pckh_told", "pck_torso")
    names = [*whole, "missing_precision", "missing_recall"]
    numbers = "  ".join(f"{name} {results[name]:.4f}" for name in names if name in results)
    lines = [f"{results['people']} people of {results['data_dir']}, step {results['step']}", numbers, ""]
    for kind, columns in (
        ("labels", ("iou", "precision", "recall", "share")),
        ("joints", ("pckh", "missing_precision", "missing_recall", "missing")),
    ):
        lines.append(f"{kind[:-1]:16}" + "".join(f"{column:>19}" for column in columns))
        for name, row in results[kind].items():
            cells = (f"{row[column]:>19.3f}" if column in row else " " * 18 + "-" for column in columns)
            lines.append(f"{name:16}" + "".join(cells))
        lines.append("")
    return "\n".join(lines)


def failure_sheet(truth: Truth, found: Found, scores: FinderScores, names: tuple[str, ...]) -> np.ndarray:
    """The people found worst, half of them by their parsing and half by their joints."""
    parsing = pixels.mean_iou(scores.confusion)
    joints = scores.hits.sum(axis=1) / np.maximum(scores.wanted.sum(axis=1), 1)
    joints = np.where(scores.wanted.any(axis=1), joints, np.inf)
    half = _FAILURES // 2
    worst = list(dict.fromkeys([*np.argsort(parsing)[:half], *np.argsort(joints, kind="stable")[:_FAILURES]]))
    canvas = truth.parsings.shape[1], truth.parsings.shape[2]
    rows, captions = [], []
    for place in worst[:_FAILURES]:
        rows.append(
            [
                truth.images[place],
                visualize.parsing_image(truth.parsings[place]),
                visualize.parsing_image(found.parsing[place]),
                visualize.skeleton_image(truth.keypoints[place], canvas),
                visualize.skeleton_image(found.keypoints[place], canvas),
            ]
        )
        hits = f"{scores.hits[place].sum()} of {scores.wanted[place].sum()} joints"
        captions.append(f"{os.path.splitext(names[place])[0]}: mIoU {parsing[place]:.2f}, {hits}")
    titles = ["image", "parsing", "found", "pose", "found"]
    return visualize.panel(rows, titles, max(1, round(160 / canvas[0])), captions)
