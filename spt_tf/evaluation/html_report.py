"""metrics.json as a page for people."""

from __future__ import annotations

import html

from spt_tf.evaluation.failure_report import FAILURE_SHEETS
from spt_tf.evaluation.metrics.registry import table_columns
from spt_tf.evaluation.sheets import SHEETS

_NOTHING = "-"


def table_lines(metrics: dict) -> list[tuple[str, ...]]:
    """The means as lines of text: a header, then one line a subset and method."""
    lines = [("subset", "method", *table_columns())]
    for subset, by_method in metrics["means"].items():
        lines += [(subset, method, *_cells(means)) for method, means in by_method.items()]
    return _without_empty_columns(lines)


def failure_lines(metrics: dict) -> list[tuple[str, ...]]:
    """The failure cases likewise; none where they were not asked for."""
    if "failure_cases" not in metrics:
        return []
    lines = [("failure case", "method", *table_columns())]
    for amount, means in metrics["failure_cases"]["corrupted_parsing"].items():
        lines.append((f"{float(amount):.0%} of the parsing wrong", "generated", *_cells(means)))
    for part in metrics["failure_cases"]["rare_poses"]:
        distance = f"pose {part['distance_from']:.2%} to {part['distance_to']:.2%} from training"
        lines += [(distance, method, *_cells(means)) for method, means in part["means"].items()]
    return _without_empty_columns(lines)


def _cells(means: dict[str, object]) -> list[str]:
    values = [means.get(column) for column in table_columns()]
    return [_NOTHING if v is None else f"{v:.4f}" if isinstance(v, float) else str(v) for v in values]


def _without_empty_columns(lines: list[tuple[str, ...]]) -> list[tuple[str, ...]]:
    """The table without the metrics that were left out altogether."""
    filled = [column for column in zip(*lines) if set(column[1:]) != {_NOTHING}]
    return list(zip(*filled))


def _table(lines: list[tuple[str, ...]]) -> str:
    """HTML of a header and lines; nothing of none."""
    rows = [
        "".join(f"<{tag}>{html.escape(cell)}</{tag}>" for cell in line)
        for tag, line in zip(["th"] + ["td"] * len(lines), lines)
    ]
    return "<table>" + "".join(f"<tr>{row}</tr>" for row in rows) + "</table>" if rows else ""


def _origin(metrics: dict) -> list[str]:
    lines = []
    if "weights" in metrics:
        weights = metrics["weights"]
        lines.append(f"Weights: {weights['run_dir']}, {weights['stage']}, step {weights['step']}")
    if "images" in metrics:
        images = metrics["images"]
        lines.append(f"Generated images: {images['generated_dir']}, SHA-256 {images['fingerprint']}")
    return lines


def _left_out(entries: list[dict[str, str]]) -> str:
    """Every entry that is not scored, by name."""
    lines = [f"<li>{html.escape('{file}: {name}, {why}'.format(**entry))}</li>" for entry in entries]
    return f"<details><summary>Left out</summary><ul>{''.join(lines)}</ul></details>" if lines else ""


def _in_words(scores: dict[str, float]) -> str:
    return ", ".join(f"{name} {value:.4g}" for name, value in scores.items())


def write_report(metrics: dict, has_curves: bool = False) -> str:
    """An HTML page of the means and the sheets that lie beside it, and of curves.png where there is one."""
    facts = [
        f"Protocol {metrics['protocol']['name']}: {metrics['protocol']['description']}",
        *_origin(metrics),
        f"Data: {metrics['data']['data_dir']}, {metrics['data']['pairs']} pairs, "
        f"SHA-256 {metrics['data']['fingerprint']}, {len(metrics['data']['left_out'])} entries left out",
        f"Change of view known from {metrics['changes_view_known_from']}",
        *(f"Left out: {name}, {why}" for name, why in metrics["left_out_metrics"].items()),
        *(
            f"All images of {method} together: {_in_words(scores)}"
            for method, scores in metrics.get("set_scores", {}).items()
        ),
        *(f"{name}: {meaning}" for name, meaning in metrics["formats"].items()),
        ", ".join(f"{name} {version}" for name, version in metrics["versions"].items()),
    ]
    shown = (*SHEETS, *(FAILURE_SHEETS if "failure_cases" in metrics else ()))
    body = [
        _table(table_lines(metrics)),
        _table(failure_lines(metrics)),
        *(f"<p>{html.escape(fact)}</p>" for fact in facts),
        _left_out(metrics["data"]["left_out"]),
        *(f'<h2>{name}</h2><img src="sheet_{name}.png" alt="{name} pairs">' for name in shown),
        *(['<h2>training</h2><img src="curves.png" alt="curves of training">'] if has_curves else []),
    ]
    style = "body{font-family:sans-serif}td,th{padding:2px 10px;text-align:right}img{max-width:100%}"
    return (
        f'<!doctype html><html><head><meta charset="utf-8"><title>Evaluation</title><style>{style}</style>'
        f"</head><body><h1>Evaluation</h1>{''.join(body)}</body></html>\n"
    )
