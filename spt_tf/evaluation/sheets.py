"""Pictures for people: the best, the middling and the worst pairs, and some at random; and sheets of them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

import numpy as np

from spt_tf import visualize
from spt_tf.data.people_index import PeopleIndex
from spt_tf.data.pipeline import pair_batches
from spt_tf.evaluation.methods import Method
from spt_tf.evaluation.metrics.registry import RANKING
from spt_tf.evaluation.score_table import ScoreTable

SHEETS = ("random", "best", "median", "worst")


def choose_pairs(table: ScoreTable, method: str, count: int, seed: int = 0) -> dict[str, list[int]]:
    """Positions of `count` pairs for each of `SHEETS`, by what pairs are ranked by (`registry.RANKING`)."""
    columns = table.scalars(method)
    quality = next(columns[name] for name in RANKING if name in columns)
    order = np.argsort(np.where(np.isfinite(quality), quality, -1.0), kind="stable").tolist()
    drawn = np.random.default_rng(seed).permutation(len(table.pairs))[:count].tolist()
    middle = max(0, (len(order) - count) // 2)
    return {
        "random": sorted(drawn),
        "best": order[::-1][:count],
        "median": order[middle : middle + count],
        "worst": order[:count],
    }


def draw_pairs(
    index: PeopleIndex,
    table: ScoreTable,
    chosen: Mapping[str, Sequence[int]],
    method: Method,
    baseline: Method,
) -> dict[int, list[np.ndarray | None]]:
    """Source, target pose, true target, warped source, predicted parsing and generated image of chosen pairs.

    Images are generated anew, once each, rather than kept for all. chosen: by sheet, positions in the table.

    Returns:
        position -> pictures uint8 `[H,W,3]`; None for a parsing that there is not.
    """
    places = sorted({place for rows in chosen.values() for place in rows})
    return dict(zip(places, _rows(index, [table.pairs[place] for place in places], method, baseline)))


def lay_out(
    pictures: Mapping[int, Sequence[np.ndarray | None]],
    table: ScoreTable,
    chosen: Mapping[str, Sequence[int]],
    method_name: str,
    scale: int = 1,
) -> dict[str, np.ndarray]:
    """The pictures of `draw_pairs` as sheets; method_name: whose scores stand below the rows.

    Returns:
        sheet -> uint8 `[H,W,3]`.
    """
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
