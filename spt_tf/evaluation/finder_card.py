"""The page beside a finder: what it learned from, how well it finds, and what it was not made for."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from spt_tf.perception.finder import PersonFinder
from spt_tf.perception.origin import learned_from

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
    height, width = finder.canvas
    rows = ["| | |", "|---|---|"]
    rows += [f"| {name} | {value:.4f} |" for name, value in results.items() if isinstance(value, float)]
    parts = [
        f"# Finder of parsings and joints, {height}x{width}, step {finder.step}",
        f"{finder.network.count_params():,} weights; images {height}x{width} (height x width).",
        "## Learned from",
        learned_from(finder.config),
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
