"""The page that travels beside an exported version: what it answers, from which run, how well."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import tensorflow as tf

from spt_tf.inference import FinishedRun
from spt_tf.serving.signatures import input_specs

_LICENCE = """\
The weights were learned from the data in `{data_dir}` and carry whatever terms that data has. Market-1501
and DeepFashion are given out for non-commercial research only, and show identifiable people; paper dolls are
drawn by this project and free of both. Ask the data's owners before this model leaves research.
"""


def model_card(run: FinishedRun, run_dir: Path, signatures: dict, version: int) -> str:
    """Markdown for version `version` of a finished run (see `spt_tf.inference`)."""
    config = json.loads(run.config.to_json())
    metrics = _metrics(Path(run_dir))
    height, width = run.generator.canvas
    parts = [
        f"# SPT person image generation, version {version}",
        f"Canvas {height}x{width} (height x width). Stage `{run.stage}`, training step {run.step}, run "
        f"directory `{run_dir}`, TensorFlow {tf.__version__}.",
        "## Signatures",
        "Batch size B is free. Keypoints are OpenPose's 18 joints, (y, x) in pixels, -1 where missing; "
        "parsings hold labels 0..9; encoded images are JPEG or PNG bytes, answered as PNG.",
        signature_table(signatures),
        "## Metrics",
        _json(metrics) if metrics else "Not evaluated: the run directory holds no metrics.json.",
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


def _metrics(run_dir: Path) -> Any:
    """What evaluate.py left in the run directory or one level below, the newest if there are several."""
    found = sorted(
        [*run_dir.glob("metrics.json"), *run_dir.glob("*/metrics.json")], key=lambda p: p.stat().st_mtime
    )
    return json.loads(found[-1].read_text()) if found else None


def _json(value: object) -> str:
    return f"```json\n{json.dumps(value, indent=2)}\n```"
