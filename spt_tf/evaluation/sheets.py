"""Sheets for people: pairs with what the methods made of them, the best, the worst and some at random."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

import numpy as np

from spt_tf import visualize
from spt_tf.data.people_index import PeopleIndex
from spt_tf.data.pipeline import pair_batches
from spt_tf.evaluation.methods import Method
from spt_tf.evaluation.metrics.registry import RANKING
from spt_tf.evaluation.score_table import ScoreTable

SHEETS = ("random", "best", "worst")


def choose_pairs(table: ScoreTable, method: str, count: int, seed: int = 0) -> dict[str, list[int]]:
    """Positions of `count` pairs for each of `SHEETS`, by what pairs are ranked by (`registry.RANKING`)."""
    columns = table.scalars(method)
    quality = next(columns[name] for name in RANKING if name in columns)
    order = np.argsort(np.where(np.isfinite(quality), quality, -1.0), kind="stable").tolist()
    drawn = np.random.default_rng(seed).permutation(len(table.pairs))[:count].tolist()
    return {"random": sorted(drawn), "best": order[::-1][:count], "worst": order[:count]}


def draw_sheets(
    index: PeopleIndex,
    table: ScoreTable,
    chosen: Mapping[str, Sequence[int]],
    method_name: str,
    method: Method,
    baseline: Method,
    scale: int = 1,
) -> dict[str, np.ndarray]:
    """Draws sheets of some pairs of a table; images are generated anew, once each, rather than kept for all.

    Columns: source, target pose, true target, warped source, predicted parsing, generated.

    Args:
        chosen: sheet -> positions of its rows in the table.
        method_name: whose scores stand below the rows.

    Returns:
        sheet -> uint8 `[H,W,3]`.
    """
    places = sorted({place for rows in chosen.values() for place in rows})
    pictures = dict(zip(places, _rows(index, [table.pairs[place] for place in places], method, baseline)))
    columns = table.scalars(method_name)

    def caption(place: int) -> str:
        scores = " ".join(f"{name} {columns[name][place]:.3f}" for name in RANKING if name in columns)
        return f"{' > '.join(table.pairs[place])}   {scores}"

    titles = ["source", "target pose", "true target", "warped source", "parsing", "generated"]
    return {
        name: visualize.panel(
            [pictures[place] for place in rows], titles, scale, [caption(place) for place in rows]
        )
        for name, rows in chosen.items()
    }


def _rows(
    index: PeopleIndex, pairs: Sequence[tuple[str, str]], method: Method, baseline: Method
) -> Iterator[list[np.ndarray | None]]:
    for batch in pair_batches(index, pairs, batch_size=8):
        made, warped = method(batch), baseline(batch)
        for i in range(len(batch["source_name"])):
            yield [
                batch["source_image"][i].numpy(),
                visualize.skeleton_image(batch["target_keypoints"][i].numpy(), index.canvas),
                batch["target_image"][i].numpy(),
                warped.image[i].numpy(),
                None if made.parsing is None else visualize.parsing_image(made.parsing[i].numpy()),
                made.image[i].numpy(),
            ]
