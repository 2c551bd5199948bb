"""The curves of runs as one picture: what their `metrics.jsonl` say, a small panel for each quantity.

Needs nothing of a run but that file, and no display.
"""

from __future__ import annotations

import io
import json
import math
import os
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.ticker import EngFormatter, FuncFormatter, LogLocator, MaxNLocator

from spt_tf.config import STAGES
from spt_tf.data.file_reading import read_text

if TYPE_CHECKING:
    from matplotlib.axes import Axes

# Panels of a stage: what tells how good it is first, then losses, then how training goes.
_ORDER = (
    "validation/",
    "",
    "logit",
    "grad_norm/",
    "clipped/",
    "learning_rate",
    "steps_per_second",
    "images_per_second",
)
_COLUMNS = 6
_PANEL = (2.6, 1.75)  # inches
_HEAD, _HEADER = 0.55, 0.4  # inches above all, and above each stage
_COLOURS = ("#1f77b4", "#d62728", "#2ca02c", "#9467bd", "#ff7f0e", "#17becf", "#8c564b", "#e377c2")
_LOG_FROM = 10.0  # a positive quantity that spans this factor gets a logarithmic axis
_FROM_ZERO = ("learning rate", "steps per second", "images per second")
_NOT_DRAWN = ("wall_time",)
_SMOOTH_OVER = 0.05  # of a curve's points


class Curve(NamedTuple):
    """steps, values: float64 `[N]`, N > 0, in the order of the steps; not-a-number values are left out."""

    steps: np.ndarray
    values: np.ndarray


# Curves by stage and name.
Curves = dict[str, dict[str, Curve]]


def read_curves(run_dir: str | os.PathLike) -> Curves:
    """What a run has logged so far. Raises ValueError, naming file and line, where that cannot be read."""
    path = Path(run_dir) / "metrics.jsonl"
    if not path.is_file():
        raise ValueError(f"{path}: no such file; expected a run directory of scripts/train.py")
    points: dict[str, dict[str, list[tuple[float, float]]]] = {}
    text = read_text(path)
    # A run that is being written may end in half a line.
    for number, line in enumerate(text[: text.rfind("\n") + 1].splitlines(), 1):
        for stage, step, name, value in _values(line, f"{path}:{number}"):
            points.setdefault(stage, {}).setdefault(name, []).append((step, value))
    if not points:
        raise ValueError(f"{path}: no line yet; the first comes after --log_every steps")
    return {
        stage: {name: Curve(*np.array(sorted(pairs), np.float64).T) for name, pairs in by_name.items()}
        for stage, by_name in points.items()
    }


def _values(line: str, place: str) -> list[tuple[str, float, str, float]]:
    try:
        entry: dict[str, Any] = json.loads(line)
        stage, step = str(entry.pop("stage")), float(entry.pop("step"))
        pairs = [(name, float(value)) for name, value in entry.items()]
    except (ValueError, LookupError, TypeError, AttributeError, OverflowError, RecursionError) as error:
        raise ValueError(f'{place}: expected {{"stage": ..., "step": ..., NAME: NUMBER, ...}}') from error
    drawn = [(name, value) for name, value in pairs if math.isfinite(value) and name not in _NOT_DRAWN]
    return [(stage, step, name, value) for name, value in drawn]


def plot_runs(run_dirs: Sequence[str | os.PathLike], columns: int = _COLUMNS) -> bytes:
    """Curves of one or several runs, each run in a colour of its own, as a PNG of so many panels a row.

    Faint: the logged values. Bold: their moving average. Raises ValueError as `read_curves` does, and where
    there is no run.
    """
    if not run_dirs:
        raise ValueError("expected at least one run directory")
    runs = [read_curves(run_dir) for run_dir in run_dirs]
    stages = _stage_order(runs)
    panels = {stage: _panels(runs, stage) for stage in stages}
    rows = {stage: math.ceil(len(panels[stage]) / columns) for stage in stages}
    height = _HEAD + sum(_HEADER + rows[stage] * _PANEL[1] for stage in stages)
    figure = Figure(figsize=(columns * _PANEL[0], height), dpi=100, layout="constrained")
    FigureCanvasAgg(figure)
    parts = figure.subfigures(
        len(stages) + 1,
        1,
        height_ratios=[_HEAD, *(_HEADER + rows[stage] * _PANEL[1] for stage in stages)],
        squeeze=False,
    )[:, 0]
    _legend(parts[0], short_names(run_dirs), columns)
    for part, stage in zip(parts[1:], stages):
        part.suptitle(stage.replace("_", " "), x=0.006, ha="left", fontsize=12, fontweight="bold")
        axes = part.subplots(rows[stage], columns, squeeze=False).ravel()
        for spare in axes[len(panels[stage]) :]:
            spare.set_visible(False)
        for axis, (title, names) in zip(axes, panels[stage].items()):
            _draw(axis, title, [{name: run.get(stage, {}).get(name) for name in names} for run in runs])
    picture = io.BytesIO()
    figure.savefig(picture, format="png")
    return picture.getvalue()


def _stage_order(runs: Sequence[Curves]) -> list[str]:
    found = {stage for run in runs for stage in run}
    return [stage for stage in STAGES if stage in found] + sorted(found - set(STAGES))


def _panels(runs: Sequence[Curves], stage: str) -> dict[str, tuple[str, ...]]:
    """Title -> names of the quantities of each panel of a stage, in order; D's two logits share one."""
    names = list(dict.fromkeys(name for run in runs for name in run.get(stage, {})))
    panels: dict[str, tuple[str, ...]] = {}
    for name in sorted(names, key=lambda name: (_ORDER.index(_kind(name)), names.index(name))):
        if _kind(name) == "logit":
            title = name.rpartition("/")[0]
            panels[f"{title}: real, generated (dashed)"] = (f"{title}/real", f"{title}/generated")
        else:
            panels[name.replace("/", ": ").replace("_", " ")] = (name,)
    return panels


def _kind(name: str) -> str:
    return next((kind for kind in _ORDER if kind and name.startswith(kind)), "")


def short_names(run_dirs: Sequence[str | os.PathLike]) -> list[str]:
    """The last parts of the directories' paths, as many as tell them apart."""
    parts = [Path(run_dir).absolute().parts for run_dir in run_dirs]
    for count in range(1, max(map(len, parts)) + 1):
        names = [str(Path(*path[-count:])) for path in parts]
        if len(set(names)) == len(names):
            break
    return names


def _legend(part: Any, names: Sequence[str], columns: int) -> None:
    lines = [
        Line2D([], [], color=_colour(place), linewidth=2, label=name) for place, name in enumerate(names)
    ]
    part.legend(handles=lines, loc="center", ncols=min(len(names), 4, columns), frameon=False, fontsize=11)


def _colour(place: int) -> str:
    return _COLOURS[place % len(_COLOURS)]


def _draw(axis: Axes, title: str, by_run: Sequence[dict[str, Curve | None]]) -> None:
    """One panel: of each run the curves by name."""
    scored = title.startswith("validation")
    for place, curves in enumerate(by_run):
        for style, curve in zip(("-", "--"), curves.values()):
            if curve is None:
                continue
            colour = _colour(place)
            if scored:  # few and far between
                axis.plot(*curve, style, color=colour, linewidth=1.2, marker="o", markersize=2.5)
            else:
                axis.plot(*curve, style, color=colour, linewidth=0.7, alpha=0.3)
                axis.plot(curve.steps, smooth(curve.values), style, color=colour, linewidth=1.4)
    values = np.concatenate([c.values for curves in by_run for c in curves.values() if c is not None])
    if title.startswith("clipped"):
        axis.set_ylim(-0.03, 1.03)
    elif title in _FROM_ZERO:
        axis.set_ylim(0.0, 1.1 * max(values.max(), 1e-30))
    elif not _is_logit(title) and values.min() > 0 and values.max() > _LOG_FROM * values.min():
        axis.set_yscale("log")
        axis.yaxis.set_major_formatter(FuncFormatter(_plain))
        axis.yaxis.set_minor_locator(LogLocator(subs=(2.0, 5.0)))
        axis.yaxis.set_minor_formatter(FuncFormatter(_plain))
    axis.set_title(title, fontsize=9)
    axis.tick_params(labelsize=7, which="both")
    axis.xaxis.set_major_formatter(EngFormatter(sep=""))
    axis.xaxis.set_major_locator(MaxNLocator(4, integer=True))
    axis.grid(True, linewidth=0.4, alpha=0.4)
    for side in ("top", "right"):
        axis.spines[side].set_visible(False)


def _is_logit(title: str) -> bool:
    return title.startswith("logit")


def _plain(value: float, _: int) -> str:
    return f"{value:g}"


def smooth(values: np.ndarray) -> np.ndarray:
    """The exponential moving average of `[N]`, over a twentieth of the points, unbiased at its start."""
    keep = 1.0 - 1.0 / max(1.0, _SMOOTH_OVER * len(values))
    average, weight, smoothed = 0.0, 0.0, np.empty(len(values))
    for place, value in enumerate(values):
        average = keep * average + (1.0 - keep) * value
        weight = keep * weight + (1.0 - keep)
        smoothed[place] = average / weight
    return smoothed
