"""Scores failure cases and draws their sheets."""

from __future__ import annotations

import pathlib
from collections.abc import Sequence

import numpy as np

from spt_tf import visualize
from spt_tf.data.datasets import load_people
from spt_tf.data.pipeline import pair_batches
from spt_tf.evaluation import evaluator, failure_cases
from spt_tf.evaluation.methods import Method
from spt_tf.evaluation.plan import EvaluationPlan
from spt_tf.evaluation.scores import PairScores, summarize
from spt_tf.evaluation.subject import OURS, WARPED, Subject

SHEET_PAIRS = 4
FAILURE_SHEETS = ("corrupted_parsing", "rare_poses")


def report_failures(
    plan: EvaluationPlan,
    subject: Subject,
    scored: Sequence[PairScores],
    identity: dict[str, object],
    output: pathlib.Path,
) -> dict[str, object]:
    """Scores `plan.failure_cases` pairs with corrupted parsings, and all pairs by their pose's rarity.

    Writes sheet_corrupted_parsing.png and sheet_rare_poses.png; carries on from failures.jsonl.

    Returns:
        corrupted_parsing: amount -> means. rare_poses: a list of bins (`failure_cases.scores_by_rarity`).
    """
    count = min(plan.failure_cases, len(subject.pairs))
    drawn = np.sort(np.random.default_rng(0).permutation(len(subject.pairs))[:count])
    pairs = [subject.pairs[place] for place in drawn]
    methods = {
        f"{amount:g}": failure_cases.with_corrupted_parsing(subject.methods[OURS], amount)
        for amount in failure_cases.AMOUNTS
    }
    log = output / "failures.jsonl"
    kept = evaluator.evaluate_pairs(
        methods, subject.index, pairs, plan.protocol, plan.batch_size, log, identity
    )
    sheet = _corruption_sheet(subject, kept[:SHEET_PAIRS])
    visualize.write_png(output / "sheet_corrupted_parsing.png", sheet)
    training = load_people(plan.data_dir, "train", subject.index.canvas, with_parsing=False)
    targets = np.stack([subject.index.keypoints[subject.index.positions[pair.target]] for pair in scored])
    rarity, nearest = failure_cases.pose_rarity(targets, training.keypoints, subject.index.canvas[0])
    sheet = _rarity_sheet(subject, scored, rarity, training.keypoints[nearest])
    visualize.write_png(output / "sheet_rare_poses.png", sheet)
    return {
        "corrupted_parsing": {
            amount: summarize([pair.methods[amount] for pair in kept]) for amount in methods
        },
        "rare_poses": failure_cases.scores_by_rarity(scored, rarity, [OURS, WARPED]),
    }


def _corruption_sheet(subject: Subject, kept: Sequence[PairScores]) -> np.ndarray:
    """Two rows a pair: source and corrupted parsings; true target and what was made of them."""
    rows, captions = [], []
    amounts = failure_cases.AMOUNTS
    batch = _one_batch(subject, kept)
    maps = [failure_cases.corrupted_parsings(batch, amount) for amount in amounts]
    made = [_images(failure_cases.with_corrupted_parsing(subject.methods[OURS], a), batch) for a in amounts]
    for place, pair in enumerate(kept):
        rows.append(
            [batch["source_image"][place].numpy(), *(visualize.parsing_image(m[place]) for m in maps)]
        )
        captions.append(f"{pair.source} and its parsing")
        rows.append([batch["target_image"][place].numpy(), *(images[place] for images in made)])
        captions.append(f"{pair.target}   {_told([pair.methods[f'{a:g}'].values for a in amounts])}")
    titles = ["source / truth", *(f"{amount:.0%} wrong" for amount in amounts)]
    return visualize.panel(rows, titles, _scale(subject), captions)


def _rarity_sheet(
    subject: Subject, scored: Sequence[PairScores], rarity: np.ndarray, nearest: np.ndarray
) -> np.ndarray:
    """Two pairs from the middle of each bin of rarity, of the last the two rarest; and nearest poses."""
    bins = failure_cases.bins_by_rarity(rarity)
    places = [*(place for part in bins[:-1] for place in part[len(part) // 2 :][:2]), *bins[-1][-2:]]
    chosen = [scored[place] for place in places]
    batch = _one_batch(subject, chosen)
    made = _images(subject.methods[OURS], batch)
    rows, captions = [], []
    for row, (place, pair) in enumerate(zip(places, chosen)):
        rows.append(
            [
                batch["source_image"][row].numpy(),
                visualize.skeleton_image(batch["target_keypoints"][row].numpy(), subject.index.canvas),
                visualize.skeleton_image(nearest[place], subject.index.canvas),
                batch["target_image"][row].numpy(),
                made[row],
            ]
        )
        captions.append(f"{rarity[place]:.2%} of the height   {_told([pair.methods[OURS].values])}")
    titles = ["source", "target pose", "nearest trained", "true target", "generated"]
    return visualize.panel(rows, titles, _scale(subject), captions)


def _one_batch(subject: Subject, pairs: Sequence[PairScores]) -> dict:
    names = [(pair.source, pair.target) for pair in pairs]
    return next(iter(pair_batches(subject.index, names, len(names))))


def _images(method: Method, batch: dict) -> np.ndarray:
    return method(batch).image.numpy()


def _told(values: Sequence[dict[str, float]]) -> str:
    metric = "mask_ssim" if "mask_ssim" in values[0] else "ssim"
    return f"{metric} " + " ".join(f"{value[metric]:.3f}" for value in values)


def _scale(subject: Subject) -> int:
    return max(1, round(256 / subject.index.canvas[0]))
