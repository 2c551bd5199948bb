"""The page that travels beside an exported version: what it answers, from which run, how well."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import tensorflow as tf

from spt_tf.data.file_reading import read_json_object, reading
from spt_tf.inference import FinishedRun
from spt_tf.perception.finder import PersonFinder
from spt_tf.perception.origin import learned_from
from spt_tf.serving.signatures import input_specs

_LICENCE = """\
The weights were learned from the data in `{data_dir}` and carry whatever terms that data has. Market-1501
and DeepFashion are given out for non-commercial research only, and show identifiable people; paper dolls are
drawn by this project and free of both. Ask the data's owners before this model leaves research.
"""
_FINDER = """\
Signatures that take `image` or a photo's bytes find the person by a network of its own: one person, whole,
filling the picture; there is no detector. Photos of any size are put whole on the canvas; `source_keypoints`
and `target_keypoints` that were found are in the photo's own pixels, parsings on the canvas.
"""


def model_card(
    run: FinishedRun, run_dir: Path, signatures: dict, version: int, finder: PersonFinder | None = None
) -> str:
    """Markdown for version `version` of a finished run (see `spt_tf.inference`), with its finder."""
    config = json.loads(run.config.to_json())
    height, width = run.generator.canvas
    parts = [
        f"# SPT person image generation, version {version}",
        f"Canvas {height}x{width} (height x width). Stage `{run.stage}`, training step {run.step}, run "
        f"directory `{run_dir}`, computed in {run.precision}, TensorFlow {tf.__version__}.",
        "## Signatures",
        "Batch size B is free. Keypoints are OpenPose's 18 joints, (y, x) in pixels, -1 where missing; "
        "parsings hold labels 0..9; encoded images are JPEG or PNG bytes, answered as PNG.",
        signature_table(signatures),
        *([] if finder is None else ["## Finder of people in photos", _FINDER, learned_from(finder.config)]),
        "## Metrics",
        *_metrics_sections(run, Path(run_dir)),
        "## Data licence",
        _LICENCE.format(data_dir=config["data"]["data_dir"]),
        "## Configuration of the run",
        _json(config),
    ]
    return "\n\n".join(part.strip() for part in parts) + "\n"


def signature_table(signatures: dict) -> str:
    """A Markdown table of `signatures` (name -> concrete function)."""
    rows = ["| signature | | name | dtype | shape |", "|---|---|---|---|---|"]
    for name, function in sorted(signatures.items()):
        sides = (("in", input_specs(function)), ("out", function.structured_outputs))
        for side, specs in sides:
            for key, spec in specs.items():
                shape = ", ".join("B" if size is None else str(size) for size in spec.shape)
                rows.append(f"| {name} | {side} | {key} | {spec.dtype.name} | [{shape}] |")
    return "\n".join(rows)


def _metrics_sections(run: FinishedRun, run_dir: Path) -> list[str]:
    """What evaluate.py found of this very version of the run: whole evaluations first, then the newest."""
    found = []
    for path in run_dir.glob("evaluation/*/metrics.json"):
        metrics = read_json_object(path)
        with reading(path, "evaluation of scripts/evaluate.py"):
            weights = metrics.get("weights", {})
            is_of_these = (weights.get("stage"), weights.get("step")) == (run.stage, run.step)
            if is_of_these and "images" not in metrics:
                section = _metrics_section(path, metrics)
                found.append((bool(metrics.get("restrictions")), -path.stat().st_mtime, section))
    if not found:
        return [
            f"Not evaluated: no {run_dir}/evaluation/*/metrics.json of these weights (scripts/evaluate.py)."
        ]
    return [section for *_, section in sorted(found, key=lambda one: one[:2])]


def _metrics_section(path: Path, metrics: dict[str, Any]) -> str:
    """One evaluation: what it was of, and a table of its means over all pairs."""
    data, means = metrics["data"], metrics["means"]["all"]
    of = ", ".join([f"{data['pairs']} test pairs of `{data['data_dir']}`", *metrics.get("restrictions", [])])
    columns = [name for name, value in means["generated"].items() if isinstance(value, float)]
    rows = [f"| | {' | '.join(columns)} |", "|---" * (1 + len(columns)) + "|"]
    for method, numbers in means.items():
        cells = [f"{numbers[name]:.4g}" if name in numbers else "-" for name in columns]
        rows.append(f"| {method} | {' | '.join(cells)} |")
    return f"Protocol `{metrics['protocol']['name']}`, {of}; `{path}`:\n\n" + "\n".join(rows)


def _json(value: object) -> str:
    return f"```json\n{json.dumps(value, indent=2)}\n```"
