"""A picture of some of a search's answers, for people to judge."""

from __future__ import annotations

import os

import numpy as np

from spt_tf import visualize
from spt_tf.data.file_reading import read_table
from spt_tf.data.people_index import PeopleIndex


def write_contact_sheet(
    index: PeopleIndex, pairs_csv: str | os.PathLike, output_png: str | os.PathLike, rows: int, seed: int = 0
) -> None:
    """Draws random rows of a pairs CSV: source image and parsing, the chosen person's parsing and image.

    Args:
        index: the people the CSV names.
        pairs_csv: `from,to,energy`, best first for each source; only the best are drawn.
        output_png: PNG to write.
        rows: how many, or all if there are fewer.
        seed: of the choice.
    """
    best = {row["from"]: row for row in reversed(read_table(pairs_csv, "from", "to", "energy"))}
    names = sorted(best)
    chosen = np.random.default_rng(seed).permutation(len(names))[:rows]
    cells, titles = [], []
    for row in (best[names[i]] for i in chosen):
        source, candidate = index.positions[row["from"]], index.positions[row["to"]]
        cells.append(
            [
                index.image(source),
                visualize.parsing_image(index.parsing(source)),
                visualize.parsing_image(index.parsing(candidate)),
                index.image(candidate),
            ]
        )
        titles.append(f"{row['from']} -> {row['to']}  {row['energy']}")
    columns = ["source", "its parsing", "pseudo-label", "taken from"]
    visualize.write_png(output_png, visualize.panel(cells, columns, scale=2, row_titles=titles))
