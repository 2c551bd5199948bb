"""A search from a data-set folder to files: what `scripts/search_pseudo_labels.py` does."""

from __future__ import annotations

import logging
import os
from pathlib import Path

from spt_tf.data.datasets import load_people
from spt_tf.data.people_index import PeopleIndex
from spt_tf.data.report import Reason
from spt_tf.pseudo_labels.contact_sheet import write_contact_sheet
from spt_tf.pseudo_labels.search import merge_shards, search_pseudo_labels
from spt_tf.pseudo_labels.settings import SearchError, SearchSettings


def load_training_people(data_dir: str | os.PathLike, canvas: tuple[int, int]) -> PeopleIndex:
    """Loads the training set, as training does.

    Raises DatasetError or AnnotationError as `load_people`, and SearchError for a parsing map of another
    size: leaving those people out would quietly search a part of the set.
    """
    index = load_people(data_dir, "train", canvas)
    for entry in index.report.left_out:
        if entry.reason is Reason.WRONG_PARSING_SIZE:
            number = index.report.counts()[entry.reason]
            raise SearchError(f"{entry.name}: parsing map of {entry.detail} ({number} such people)")
    logging.getLogger(__name__).info("%s", index.report.summary())
    return index


def run_search(
    data_dir: str | os.PathLike,
    output_csv: str | os.PathLike,
    canvas: tuple[int, int],
    settings: SearchSettings,
    memory_gb: float,
    shard: int,
    num_shards: int,
    merge: bool,
    sheet_rows: int,
) -> str:
    """Searches, or joins shards that were searched, and writes the CSV and the contact sheet beside it.

    Returns what to tell the user. Raises as `load_training_people` and `search_pseudo_labels`.
    """
    index = load_training_people(data_dir, canvas)
    found: int | None
    if merge:
        found = merge_shards(index, output_csv, settings)
    else:
        found = search_pseudo_labels(
            index,
            output_csv,
            settings.top_k,
            settings.min_pose_distance,
            settings.shortlist,
            settings.per_pixel,
            memory_gb,
            shard,
            num_shards,
        )
    if found is None:
        return f"shard {shard} of {num_shards} is done; when all are, run again with --merge"
    summary = f"{output_csv}: pseudo-labels of {found:,} people"
    if sheet_rows:
        sheet = Path(output_csv).with_suffix(".png")
        write_contact_sheet(index, output_csv, sheet, sheet_rows)
        summary += f", some of them in {sheet}"
    return summary
