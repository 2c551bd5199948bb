"""An evaluation, or several side by side, as one page for people that needs no other file."""

from __future__ import annotations

import html
import importlib.resources
import math
from collections.abc import Mapping, Sequence

from spt_tf.anatomy import LABEL_COLOURS, LABELS
from spt_tf.evaluation.report import charts
from spt_tf.evaluation.report.pictures import show_curves, show_pairs
from spt_tf.evaluation.report.saved_evaluation import SavedEvaluation
from spt_tf.evaluation.report.tables import failure_lines, table_lines
from spt_tf.evaluation.report.words import (
    BASELINES,
    COLOURS,
    GREYS,
    HEADLINES,
    LOW_IS_GOOD,
    OURS,
    TITLES,
    WORDS,
)


def write_page(evaluations: Sequence[SavedEvaluation]) -> str:
    """The HTML of one evaluation beside its baselines, or of several above those of the first."""
    first, many = evaluations[0], len(evaluations) > 1
    title = "Evaluations side by side" if many else f"Evaluation of {first.name}"
    body = [
        f"<h1>{html.escape(title)}</h1>",
        *(_head(first) if not many else [_of_data(first)]),
        _notes(evaluations),
        _side_by_side(evaluations) if many else _headlines(first),
        *_charts(evaluations),
        *show_pairs(evaluations),
        *show_curves(evaluations),
        *(part for one in evaluations for part in _all_numbers(one, many)),
        _how(first),
    ]
    style = importlib.resources.files("spt_tf.evaluation.report").joinpath("style.css").read_text("utf8")
    return (
        '<!doctype html><html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>{html.escape(title)}</title><style>{style}</style></head>"
        f"<body><main>{''.join(body)}</main></body></html>\n"
    )


def _means(one: SavedEvaluation, method: str = OURS, subset: str = "all") -> Mapping[str, float]:
    return one.metrics["means"].get(subset, {}).get(method, {})


def _colours(evaluations: Sequence[SavedEvaluation]) -> dict[str, str]:
    """Of each evaluation by its name, then of the baselines."""
    return {
        **{one.name: COLOURS[place % len(COLOURS)] for place, one in enumerate(evaluations)},
        **{name: GREYS[name] for name in BASELINES if _means(evaluations[0], name)},
    }


def _head(one: SavedEvaluation) -> list[str]:
    weights = one.metrics.get("weights")
    made = f"Stage {weights['stage']}, step {weights['step']:,}. " if weights else ""
    return [f'<p class="faint">{html.escape(made)}</p>' if made else "", _of_data(one)]


def _of_data(one: SavedEvaluation) -> str:
    data, protocol = one.metrics["data"], one.metrics["protocol"]
    told = f"{data['pairs']:,} test pairs of {data['data_dir']}, each against the person's true image; "
    return f'<p class="faint">{html.escape(told)}protocol {html.escape(protocol["name"])}.</p>'


def _notes(evaluations: Sequence[SavedEvaluation]) -> str:
    """What a reader must know before believing a number."""
    notes = []
    for one in evaluations:
        whose = f"{one.name}: " if len(evaluations) > 1 else ""
        notes += [f"{whose}not the whole evaluation: {why}." for why in one.metrics.get("restrictions", [])]
        left_out = len(one.metrics["data"]["left_out"])
        notes += [f"{whose}{left_out:,} entries of the data were left out (below)."] if left_out else []
    first, *others = evaluations
    for one in others:
        if one.metrics["data"]["fingerprint"] != first.metrics["data"]["fingerprint"]:
            notes.append(
                f"{one.name} and {first.name} were not scored on the same pairs: do not compare them."
            )
        if one.metrics["protocol"]["name"] != first.metrics["protocol"]["name"]:
            notes.append(f"{one.name} and {first.name} were scored under different protocols.")
    return "".join(f'<p class="note">{html.escape(note)}</p>' for note in notes)


def _headlines(one: SavedEvaluation) -> str:
    """The first few numbers, each against the baselines."""
    cards = []
    for name in [name for name in HEADLINES if name in _means(one)][:4]:
        value, lines = _means(one)[name], []
        for baseline in BASELINES:
            if name in _means(one, baseline):
                other = _means(one, baseline)[name]
                better = (value < other) == (name in LOW_IS_GOOD) and value != other
                what = "better" if better else "worse"
                lines.append(
                    f'<small><span class="{what}">{value - other:+.3f}</span> against {other:.3f}, '
                    f"{'warped' if baseline == 'warped_source' else 'copied'}</small>"
                )
        turned = _means(one, OURS, "changes_view").get(name)
        lines += [f"<small>{turned:.3f} where the view changes</small>"] if turned is not None else []
        cards.append(f'<div class="number">{_word(name)}<b>{value:.3f}</b>{"".join(lines)}</div>')
    return f'<div class="numbers">{"".join(cards)}</div>'


def _word(name: str) -> str:
    return html.escape(WORDS.get(name, name.replace("_", " ")))


def _side_by_side(evaluations: Sequence[SavedEvaluation]) -> str:
    """A table of all runs and the first one's baselines; the best run of each column is bold."""
    columns = [name for name, value in _means(evaluations[0]).items() if isinstance(value, float)]
    rows = [(one.name, _means(one)) for one in evaluations]
    best = {}
    for place, name in enumerate(columns):
        known = [(means[name], line) for line, (_, means) in enumerate(rows) if name in means]
        if known:
            best[(min if name in LOW_IS_GOOD else max)(known)[1], place + 1] = True
    rows += [
        (TITLES[name], _means(evaluations[0], name)) for name in BASELINES if _means(evaluations[0], name)
    ]
    lines = [("", *(WORDS.get(name, name) for name in columns))]
    lines += [
        (title, *(f"{means[name]:.4f}" if name in means else "-" for name in columns))
        for title, means in rows
    ]
    return charts.table(lines, best)


def _charts(evaluations: Sequence[SavedEvaluation]) -> list[str]:
    """Histograms of the scores of pairs, and the overlap of every label."""
    first, colours = evaluations[0], _colours(evaluations)
    of = {one.name: one.scores.get(OURS, {}) for one in evaluations}
    of.update({name: first.scores.get(name, {}) for name in colours if name in BASELINES})
    numbers = [
        name for name in ("mask_ssim", "ssim", "parsing_miou", "lpips", "l1") if name in of[first.name]
    ][:4]
    titles = {**TITLES, first.name: "this run"} if len(evaluations) == 1 else TITLES
    drawn = [
        charts.histogram(
            WORDS.get(name, name),
            {whose: scores[name] for whose, scores in of.items() if name in scores},
            colours,
        )
        for name in numbers
    ]
    parts = []
    if drawn:
        parts = ["<h2>How the scores of pairs are spread</h2>", charts.legend(colours, titles)]
        parts += [f'<div class="charts">{"".join(drawn)}</div><p class="faint">Dashed: means.</p>']
    ious = {one.name: one.metrics.get("label_iou", {}).get(OURS) for one in evaluations}
    ious.update({name: first.metrics.get("label_iou", {}).get(name) for name in colours if name in BASELINES})
    known = {name: iou for name, iou in ious.items() if iou}
    if known:
        rows = [
            (label.replace("_", " "), "#{:02x}{:02x}{:02x}".format(*colour),
             [(name, iou.get(label)) for name, iou in known.items()])
            for label, colour in zip(LABELS, LABEL_COLOURS)
            if any(iou.get(label) is not None for iou in known.values())
        ]  # fmt: skip
        parts += ["<h2>Overlap of the predicted with the true parsing (IoU), by label</h2>"]
        parts += [charts.legend({name: colours[name] for name in known}, titles), charts.bars(rows, colours)]
    return parts


def _all_numbers(one: SavedEvaluation, many: bool) -> list[str]:
    parts = [
        f"<h2>All numbers{f': {html.escape(one.name)}' if many else ''}</h2>",
        charts.table(table_lines(one.metrics)),
    ]
    for method, scores in one.metrics.get("set_scores", {}).items():
        told = ", ".join(f"{name} {value:.4g}" for name, value in scores.items() if math.isfinite(value))
        parts.append(f"<p>All images of {html.escape(method)} together: {html.escape(told)}</p>")
    failures = failure_lines(one.metrics)
    if failures and not many:
        sheets = ("corrupted_parsing", "rare_poses")
        links = ", ".join(f'<a href="sheet_{name}.png">sheet_{name}.png</a>' for name in sheets)
        parts += ["<h2>Failure cases</h2>", charts.table(failures), f'<p class="faint">{links}</p>']
    entries = ["{file}: {name}, {why}".format(**entry) for entry in one.metrics["data"]["left_out"]]
    if entries:
        listed = "".join(f"<li>{html.escape(entry)}</li>" for entry in entries)
        parts.append(
            f"<details><summary>{len(entries):,} entries left out</summary><ul>{listed}</ul></details>"
        )
    return parts


def _how(one: SavedEvaluation) -> str:
    """What only somebody who repeats the evaluation wants to know."""
    metrics = one.metrics
    facts = [
        f"Protocol {metrics['protocol']['name']}: {metrics['protocol']['description']}",
        f"Change of view known from {metrics['changes_view_known_from']}",
        *(f"{name}: {meaning}" for name, meaning in metrics["formats"].items()),
        *(f"Not measured: {name}, {why}" for name, why in metrics["left_out_metrics"].items()),
        f"SHA-256 of the data: {metrics['data']['fingerprint']}",
        *([f"SHA-256 of the images: {metrics['images']['fingerprint']}"] if "images" in metrics else []),
        ", ".join(f"{name} {version}" for name, version in metrics["versions"].items()),
    ]
    told = "".join(f"<p>{html.escape(fact)}</p>" for fact in facts)
    return f"<details><summary>How this was measured</summary>{told}</details>"
