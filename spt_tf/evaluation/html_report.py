"""metrics.json as a page for people."""

from __future__ import annotations

import html

from spt_tf.evaluation.sheets import SHEETS

_COLUMNS = ("pairs", "ssim", "mask_ssim", "parsing_miou", "l1", "psnr")


def table_lines(metrics: dict) -> list[tuple[str, ...]]:
    """The means as lines of text: a header, then one line a subset and method."""
    lines = [("subset", "method", *_COLUMNS)]
    for subset, by_method in metrics["means"].items():
        for method, means in by_method.items():
            values = [means.get(column) for column in _COLUMNS]
            told = ["-" if v is None else f"{v:.4f}" if isinstance(v, float) else str(v) for v in values]
            lines.append((subset, method, *told))
    return lines


def _told(scores: dict[str, float]) -> str:
    return ", ".join(f"{name} {value:.4g}" for name, value in scores.items())


def write_report(metrics: dict) -> str:
    """An HTML page of the means and the sheets that lie beside it."""
    header, *lines = table_lines(metrics)
    rows = ["".join(f"<th>{html.escape(cell)}</th>" for cell in header)]
    rows += ["".join(f"<td>{html.escape(cell)}</td>" for cell in line) for line in lines]
    weights = metrics["weights"]
    facts = [
        f"Protocol {metrics['protocol']['name']}: {metrics['protocol']['description']}",
        f"Weights: {weights['run_dir']}, {weights['stage']}, step {weights['step']}",
        f"Data: {metrics['data']['data_dir']}, {metrics['data']['pairs']} pairs, "
        f"SHA-256 {metrics['data']['fingerprint']}, {len(metrics['data']['left_out'])} entries left out",
        f"Change of view known from {metrics['changes_view_known_from']}",
        *(f"Left out: {name}, {why}" for name, why in metrics["left_out_metrics"].items()),
        *(
            f"All images of {method} together: {_told(told)}"
            for method, told in metrics.get("set_scores", {}).items()
        ),
        *(f"{name}: {meaning}" for name, meaning in metrics["formats"].items()),
        ", ".join(f"{name} {version}" for name, version in metrics["versions"].items()),
    ]
    body = [
        "<table>" + "".join(f"<tr>{row}</tr>" for row in rows) + "</table>",
        *(f"<p>{html.escape(fact)}</p>" for fact in facts),
        *(f'<h2>{name}</h2><img src="sheet_{name}.png" alt="{name} pairs">' for name in SHEETS),
    ]
    style = "body{font-family:sans-serif}td,th{padding:2px 10px;text-align:right}img{max-width:100%}"
    return (
        f'<!doctype html><html><head><meta charset="utf-8"><title>Evaluation</title><style>{style}</style>'
        f"</head><body><h1>Evaluation</h1>{''.join(body)}</body></html>\n"
    )
