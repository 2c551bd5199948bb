"""The ablation's table: mean and spread over seeds of every variant, and the scores of each seed."""

from __future__ import annotations

import csv
import io
import os
import statistics
from collections.abc import Sequence

from spt_tf.ablation.plan import AblationPlan
from spt_tf.ablation.variants import VARIANTS
from spt_tf.data.atomic_write import write_whole
from spt_tf.data.file_reading import read_json_object, reading

METRICS = {
    "mask_ssim": "mask-SSIM",
    "ssim": "SSIM",
    "parsing_miou": "mIoU of S~_pt",
    "image_parsing_miou": "mIoU of the image",
    "texture": "texture distance",
    "colour_error": "colour error",
}
SUBSETS = {"all": "All pairs", "changes_view": "Pairs that change view"}
UNTRAINED = {"copied_source": "Source copied", "warped_source": "Source part-warped"}
_OURS = "generated"


def write_results(plan: AblationPlan) -> str:
    """Writes table.md and scores.csv of the evaluations there are; returns the table."""
    scores = _read_scores(plan)
    table = _table(plan, scores)
    write_whole(plan.path("table.md"), table.encode())
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(["seed", "variant", "subset", *METRICS])
    for (variant, seed), means in scores.items():
        for subset in SUBSETS:
            if subset in means:
                writer.writerow(
                    [seed, variant, subset, *(means[subset].get(metric, "") for metric in METRICS)]
                )
    write_whole(plan.path("scores.csv"), text.getvalue().encode())
    return table


def _read_scores(plan: AblationPlan) -> dict[tuple[str, int], dict[str, dict[str, float]]]:
    """(variant or untrained method, seed) -> subset -> means."""
    scores = {}
    for variant in plan.variants:
        for seed in range(plan.seeds):
            path = plan.metrics_path(seed, variant)
            if not os.path.exists(path):
                continue
            with reading(path, "metrics.json"):
                means = read_json_object(path)["means"]
                scores[variant, seed] = {subset: by_method[_OURS] for subset, by_method in means.items()}
                for method in UNTRAINED:  # the same whatever was trained
                    scores.setdefault(
                        (method, 0), {subset: by_method[method] for subset, by_method in means.items()}
                    )
    return scores


def _table(plan: AblationPlan, scores: dict[tuple[str, int], dict[str, dict[str, float]]]) -> str:
    """Markdown."""
    titles = {**UNTRAINED, **{name: VARIANTS[name].title for name in plan.variants}}
    parts = []
    for subset, heading in SUBSETS.items():
        lines = [f"| {heading} | seeds | {' | '.join(METRICS.values())} |", "|---" * (2 + len(METRICS)) + "|"]
        for name, title in titles.items():
            means = [m[subset] for (variant, _), m in scores.items() if variant == name and subset in m]
            if means:
                seeds = "" if name in UNTRAINED else len(means)
                cells = (_cell([one[metric] for one in means if metric in one]) for metric in METRICS)
                lines.append(f"| {title} | {seeds} | {' | '.join(cells)} |")
        parts.append("\n".join(lines))
    options = plan.experiment.optimizer
    steps = options.appearance_steps + options.end_to_end_steps
    parts.append(
        f"Mean and standard deviation over seeds. {steps} steps of {options.batch_size} images each, after a "
        "pose detector and a semantic generator that all variants of a seed share. Texture distance and "
        "colour error: lower is better. mIoU of the image is what an image parser sees in it"
        f"{_ceiling(plan)}. TS-GT's mIoU of S~_pt is 1 because it is given. For the untrained, S~_pt is the "
        "source's own parsing, copied or warped."
    )
    return "\n\n".join(parts) + "\n"


def _cell(values: Sequence[float]) -> str:
    if not values:
        return "-"
    spread = f" ± {statistics.stdev(values):.2g}" if len(values) > 1 else ""
    return f"{statistics.mean(values):.4g}{spread}"


def _ceiling(plan: AblationPlan) -> str:
    """The parser's own mIoU on the true targets, in words."""
    if not os.path.exists(plan.parser_facts):
        return ""
    facts = read_json_object(plan.parser_facts)
    with reading(plan.parser_facts, "image parser's facts"):
        return f", and {facts['miou_of_true_targets']:.3f} in the true targets"
