"""Scores failure cases and draws their sheets."""

from __future__ import annotations

import dataclasses
import pathlib
from collections.abc import Sequence

import numpy as np

from spt_tf import visualize
from spt_tf.data.datasets import load_people
from spt_tf.data.pipeline import pair_batches
from spt_tf.evaluation import evaluator, failure_cases
from spt_tf.evaluation.candidate import OURS, WARPED, Candidate
from spt_tf.evaluation.methods import Method
from spt_tf.evaluation.metrics.registry import RANKING, make_metrics, open_metrics
from spt_tf.evaluation.plan import EvaluationPlan
from spt_tf.evaluation.score_table import ScoreTable

SHEET_PAIRS = 4
FAILURE_SHEETS = ("corrupted_parsing", "rare_poses")


def report_failures(
    plan: EvaluationPlan,
    candidate: Candidate,
    table: ScoreTable,
    identity: dict[str, object],
    output: pathlib.Path,
) -> dict[str, object]:
    """Scores `plan.failure_cases` pairs with corrupted parsings, and all pairs by their pose's rarity.

    Corrupted parsings are scored by the metrics that need no option. Writes sheet_corrupted_parsing.png and
    sheet_rare_poses.png; carries on from the store failure_scores/.

    Returns:
        corrupted_parsing: amount -> means. rare_poses: a list of bins (`failure_cases.scores_by_rarity`).
    """
    count = min(plan.failure_cases, len(candidate.pairs))
    drawn = np.sort(np.random.default_rng(0).permutation(len(candidate.pairs))[:count])
    methods = {
        f"{amount:g}": failure_cases.with_corrupted_parsing(candidate.methods[OURS], amount)
        for amount in failure_cases.AMOUNTS
    }
    corrupted = evaluator.evaluate_pairs(
        methods,
        candidate.index,
        [candidate.pairs[place] for place in drawn],
        open_metrics(make_metrics(dataclasses.replace(plan, options={})), candidate),
        plan.batch_size,
        output / "failure_scores",
        identity,
    )
    sheet = _corruption_sheet(candidate, corrupted.select(range(min(count, SHEET_PAIRS))))
    visualize.write_png(output / "sheet_corrupted_parsing.png", sheet)
    index = candidate.index
    training = load_people(plan.data_dir, "train", index.canvas, with_parsing=False)
    targets = np.stack([index.keypoints[index.positions[target]] for _, target in table.pairs])
    rarity, nearest = failure_cases.pose_rarity(targets, training.keypoints, index.canvas[0])
    sheet = _rarity_sheet(candidate, table, rarity, training.keypoints[nearest])
    visualize.write_png(output / "sheet_rare_poses.png", sheet)
    return {
        "corrupted_parsing": {amount: corrupted.summarize(amount) for amount in methods},
        "rare_poses": failure_cases.scores_by_rarity(table, rarity, [OURS, WARPED]),
    }


def _corruption_sheet(candidate: Candidate, corrupted: ScoreTable) -> np.ndarray:
    """Two rows a pair: source and corrupted parsings; true target and what was made of them."""
    rows, captions = [], []
    amounts = failure_cases.AMOUNTS
    batch = _one_batch(candidate, corrupted)
    maps = [failure_cases.corrupted_parsings(batch, amount) for amount in amounts]
    made = [_images(failure_cases.with_corrupted_parsing(candidate.methods[OURS], a), batch) for a in amounts]
    for place, (source, target) in enumerate(corrupted.pairs):
        rows.append(
            [batch["source_image"][place].numpy(), *(visualize.parsing_image(m[place]) for m in maps)]
        )
        captions.append(f"{source} and its parsing")
        rows.append([batch["target_image"][place].numpy(), *(images[place] for images in made)])
        captions.append(f"{target}   {_caption(corrupted, [f'{a:g}' for a in amounts], place)}")
    titles = ["source / truth", *(f"{amount:.0%} wrong" for amount in amounts)]
    return visualize.panel(rows, titles, _scale(candidate), captions)


def _rarity_sheet(
    candidate: Candidate, table: ScoreTable, rarity: np.ndarray, nearest: np.ndarray
) -> np.ndarray:
    """Two pairs from the middle of each bin of rarity, of the last the two rarest; and nearest poses."""
    bins = failure_cases.bins_by_rarity(rarity)
    places = [*(place for part in bins[:-1] for place in part[len(part) // 2 :][:2]), *bins[-1][-2:]]
    chosen = table.select(places)
    batch = _one_batch(candidate, chosen)
    made = _images(candidate.methods[OURS], batch)
    rows, captions = [], []
    for row, place in enumerate(places):
        rows.append(
            [
                batch["source_image"][row].numpy(),
                visualize.skeleton_image(batch["target_keypoints"][row].numpy(), candidate.index.canvas),
                visualize.skeleton_image(nearest[place], candidate.index.canvas),
                batch["target_image"][row].numpy(),
                made[row],
            ]
        )
        captions.append(f"{rarity[place]:.2%} of the height   {_caption(chosen, [OURS], row)}")
    titles = ["source", "target pose", "nearest trained", "true target", "generated"]
    return visualize.panel(rows, titles, _scale(candidate), captions)


def _one_batch(candidate: Candidate, table: ScoreTable) -> dict:
    return next(iter(pair_batches(candidate.index, table.pairs, len(table.pairs))))


def _images(method: Method, batch: dict) -> np.ndarray:
    return method(batch).image.numpy()


def _caption(table: ScoreTable, methods: Sequence[str], place: int) -> str:
    """What a pair is ranked by, for each of some methods."""
    name = next(name for name in RANKING if name in table.scalars(methods[0]))
    return f"{name} " + " ".join(f"{table.scalars(method)[name][place]:.3f}" for method in methods)


def _scale(candidate: Candidate) -> int:
    return max(1, round(256 / candidate.index.canvas[0]))
