"""The part of a report that is looked at: pairs of people, and curves of training."""

from __future__ import annotations

import base64
import html
from collections.abc import Sequence

from absl import logging

from spt_tf.curves import plot_runs, read_curves
from spt_tf.evaluation.report import charts
from spt_tf.evaluation.report.saved_evaluation import ROLES, Pair, SavedEvaluation
from spt_tf.evaluation.report.words import OURS, WORDS

_WHY = {
    "best": "The best pairs",
    "median": "Pairs from the middle",
    "worst": "The worst pairs",
    "random": "Random pairs",
}
_SHOWN = {"best": 3, "median": 6, "worst": 6, "random": 8}


def show_pairs(evaluations: Sequence[SavedEvaluation]) -> list[str]:
    """Chosen pairs with their inputs and what was made of them; of several runs the random pairs alone."""
    first, parts = evaluations[0], []
    many = len(evaluations) > 1
    for why, shown in _SHOWN.items():
        pairs = first.chosen.get(why, [])
        middle = [pair for pair in pairs if all(one.picture(pair, OURS) for one in evaluations)][:shown]
        if middle and (not many or why == "random"):
            cards = "".join(_card(evaluations, pair) for pair in middle)
            parts.append(f'<h2>{_WHY[why]}</h2><div class="pairs">{cards}</div>')
            if not many:
                parts.append(
                    f'<p class="faint">All of them: <a href="sheet_{why}.png">sheet_{why}.png</a></p>'
                )
    return parts


def _card(evaluations: Sequence[SavedEvaluation], pair: Pair) -> str:
    first, many, figures = evaluations[0], len(evaluations) > 1, []
    roles = [role for role in ROLES if not (many and role in ("parsing", OURS))]
    shown = [(role.replace("_", " "), first.picture(pair, role)) for role in roles]
    shown += [(one.name, one.picture(pair, OURS)) for one in evaluations] if many else []
    for title, path in shown:
        if path:
            figures.append(
                f"<figure>{charts.picture(path, title)}<figcaption>{html.escape(title)}</figcaption></figure>"
            )
    place = first.pairs.index(pair)
    told = []
    for one in evaluations:
        scores = one.scores.get(OURS, {})
        numbers = [f"{WORDS[n]} {scores[n][place]:.3f}" for n in ("mask_ssim", "ssim") if n in scores]
        told.append((f"{one.name}: " if many else "") + ", ".join(numbers))
    names = " > ".join(pair)
    return (
        f'<div class="pair{" many" if many else ""}"><div class="pictures">{"".join(figures)}</div>'
        f'<p>{html.escape("; ".join(told))}<br><span class="faint">{html.escape(names)}</span></p></div>'
    )


def show_curves(evaluations: Sequence[SavedEvaluation]) -> list[str]:
    """How the runs were trained; for narrow screens with two panels a row."""
    runs = []
    for run_dir in filter(None, (one.run_dir for one in evaluations)):
        try:
            read_curves(run_dir)
            runs.append(run_dir)
        except ValueError as error:
            logging.info("no curves in the report: %s", error)
    if not runs:
        return []
    wide, narrow = (
        base64.b64encode(charts.fewer_colours(plot_runs(runs, columns=columns))).decode()
        for columns in (5, 2)
    )
    return [
        "<h2>How training went</h2>",
        f'<picture class="curves"><source media="(max-width: 640px)" srcset="data:image/png;base64,{narrow}">'
        f'<img src="data:image/png;base64,{wide}" alt="curves of training"></picture>',
    ]
