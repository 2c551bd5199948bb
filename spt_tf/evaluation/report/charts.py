"""Charts and pictures of a report as HTML that needs nothing from elsewhere."""

from __future__ import annotations

import base64
import html
import io
import math
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
from PIL import Image

_WIDTH, _HEIGHT, _FOOT = 320, 130, 18


def picture(path: str | Path, alt: str) -> str:
    """An <img> that holds the file itself."""
    data = base64.b64encode(Path(path).read_bytes()).decode()
    return f'<img src="data:image/png;base64,{data}" alt="{html.escape(alt)}">'


def fewer_colours(png: bytes, colours: int = 128) -> bytes:
    """A PNG of drawings at a quarter of its size."""
    with Image.open(io.BytesIO(png)) as picture:
        reduced = io.BytesIO()
        picture.convert("RGB").quantize(colours).save(reduced, format="PNG", optimize=True)
    return reduced.getvalue()


def histogram(title: str, values: Mapping[str, np.ndarray], colours: Mapping[str, str]) -> str:
    """How the scores of pairs are spread, a line a method; values that are not finite are left out."""
    finite = {name: one[np.isfinite(one)] for name, one in values.items()}
    finite = {name: one for name, one in finite.items() if len(one)}
    if not finite:
        return ""
    everything = np.concatenate(list(finite.values()))
    low, high = float(everything.min()), float(everything.max())
    if low == high:
        low, high = low - 0.5, high + 0.5
    edges = np.linspace(low, high, 25)
    shares = {name: np.histogram(one, edges)[0] / len(one) for name, one in finite.items()}
    top = max(float(share.max()) for share in shares.values())
    body = []
    for place, (name, share) in enumerate(shares.items()):
        steps = [
            f"{x(edge, low, high):.1f},{_HEIGHT - _HEIGHT * value / top:.1f}"
            for value, left, right in zip(share, edges, edges[1:])
            for edge in (left, right)
        ]
        outline = " ".join([f"0,{_HEIGHT}", *steps, f"{_WIDTH},{_HEIGHT}"])
        fill = colours[name] if place == 0 else "none"
        body.append(
            f'<polyline points="{outline}" fill="{fill}" fill-opacity="0.25" stroke="{colours[name]}" '
            'stroke-width="2"/>'
        )
        mean = x(float(finite[name].mean()), low, high)
        body.append(
            f'<line x1="{mean:.1f}" x2="{mean:.1f}" y1="0" y2="{_HEIGHT}" stroke="{colours[name]}" '
            'stroke-dasharray="4 3" stroke-width="1.5"/>'
        )
    ends = (
        f'<text x="0" y="{_HEIGHT + 14}">{low:.2g}</text>'
        f'<text x="{_WIDTH}" y="{_HEIGHT + 14}" text-anchor="end">{high:.2g}</text>'
    )
    size = f"0 -2 {_WIDTH} {_HEIGHT + _FOOT + 2}"
    return (
        f'<figure><figcaption>{html.escape(title)}</figcaption><svg viewBox="{size}" role="img" '
        f'aria-label="{html.escape(title)}">{"".join(body)}{ends}</svg></figure>'
    )


def x(value: float, low: float, high: float) -> float:
    """Where a value stands in a chart, pixels."""
    return _WIDTH * (value - low) / (high - low)


def bars(
    rows: Sequence[tuple[str, str, Sequence[tuple[str, float | None]]]], colours: Mapping[str, str]
) -> str:
    """Horizontal bars in 0..1: rows of a label, its own colour, and (method, value) pairs."""
    lines = []
    for label, own_colour, values in rows:
        cells = []
        for name, value in values:
            known = value is not None and math.isfinite(value)
            width = 100 * min(max(value or 0.0, 0.0), 1.0) if known else 0.0
            told = f"{value:.2f}" if known else "-"
            cells.append(
                f'<div class="bar"><i style="width:{width:.1f}%;background:{colours[name]}"></i>'
                f"<span>{told}</span></div>"
            )
        mark = f'<b class="mark" style="background:{own_colour}"></b>' if own_colour else ""
        lines.append(
            f'<div class="bars"><div>{mark}{html.escape(label)}</div><div>{"".join(cells)}</div></div>'
        )
    return "".join(lines)


def legend(colours: Mapping[str, str], titles: Mapping[str, str]) -> str:
    """Which colour is whose."""
    marks = [
        f'<span><b class="mark" style="background:{colour}"></b>{html.escape(titles.get(name, name))}</span>'
        for name, colour in colours.items()
    ]
    return f'<p class="legend">{"".join(marks)}</p>'


def table(lines: Sequence[Sequence[str]], bold: Mapping[tuple[int, int], bool] | None = None) -> str:
    """A header and lines; wide ones scroll by themselves. bold: (line, column) from 0, below the header."""
    if len(lines) < 2:
        return ""
    head = "".join(f"<th>{html.escape(cell)}</th>" for cell in lines[0])
    rows = []
    for number, line in enumerate(lines[1:]):
        cells = [
            f"<td><strong>{html.escape(cell)}</strong></td>"
            if bold and bold.get((number, column))
            else f"<td>{html.escape(cell)}</td>"
            for column, cell in enumerate(line)
        ]
        rows.append(f"<tr>{''.join(cells)}</tr>")
    return f'<div class="wide"><table><tr>{head}</tr>{"".join(rows)}</table></div>'
