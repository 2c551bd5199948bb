"""The page beside a finder: what it learned from, how well it finds, and what it was not made for."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from spt_tf.perception.finder import PersonFinder

_DOLLS = """\
It has learned from **paper dolls alone**: drawings of this project, with augmented backgrounds, light, blur,
noise and occluders. Paper dolls are no photographs. On photographs expect much less than the numbers below:
it has never seen a real face, hand, fold, shadow or crowd. For photographs train it on people of your own
(`--data_dir`), or bring poses and parsings of other tools (`scripts/import_poses.py`,
`scripts/convert_parsing.py`; MediaPipe by `--pose_source=mediapipe`)."""
_OWN = """\
It has learned from the training people of `{data_dir}`{and_dolls}: their labels are its truth, mistakes
included. The numbers below hold for images like those; their terms of use may bind its weights, too."""
_LIMITS = """\
One person an image, the whole person in it, the image about as that person's bounding box. There is no
detector: crop first. Nothing is known of people whose bodies or clothes are unlike those it has learned
from."""
_LEGEND = """\
miou: mean intersection over union of the ten labels, all pixels together; miou_sides_merged: left and right
taken as one; pckh: joints within half a head of where they are; pckh_told: of these, those told to be there;
missing_precision and missing_recall: of joints told to be missing, and of missing joints, the share that is
right."""


def finder_card(finder: PersonFinder, results: Mapping[str, Any]) -> str:
    """Markdown. results: of `finder_report.evaluate_finder`."""
    options = finder.config.people
    and_dolls = f" and, {options.dolls:.0%} of them, from paper dolls" if options.dolls else ""
    source = _OWN.format(data_dir=options.data_dir, and_dolls=and_dolls) if options.data_dir else _DOLLS
    height, width = finder.canvas
    rows = ["| | |", "|---|---|"]
    rows += [f"| {name} | {value:.4f} |" for name, value in results.items() if isinstance(value, float)]
    parts = [
        f"# Finder of parsings and joints, {height}x{width}, step {finder.step}",
        f"{finder.network.count_params():,} weights; images {height}x{width} (height x width).",
        "## Learned from",
        source,
        "## Made for",
        _LIMITS,
        "## Found",
        f"{results['people']} test people of `{results['data_dir']}`"
        f"{', with mirror images' if results['flip_test'] else ''}. {_LEGEND}",
        "\n".join(rows),
        "## Configuration",
        f"```json\n{json.dumps(json.loads(finder.config.to_json()), indent=2)}\n```",
    ]
    return "\n\n".join(parts) + "\n"
