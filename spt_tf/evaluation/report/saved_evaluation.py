"""What an evaluation left in its folder, read back for a report: numbers, scores of pairs, pictures."""

from __future__ import annotations

import dataclasses
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from spt_tf.data.file_reading import MissingFile, UnreadableFile, read_json_object, read_table, reading

PICTURES = "pairs"  # in the folder: <from>___<to>/<picture>.png
ROLES = ("source", "target_pose", "true_target", "warped_source", "parsing", "generated")
Pair = tuple[str, str]


@dataclasses.dataclass(frozen=True, eq=False)
class SavedEvaluation:
    """One evaluation.

    name: for people. folder, metrics: where it lies, and its metrics.json. run_dir: of the run, if any.
    scores: method -> number -> `[N]`, of the pairs in order.
    """

    name: str
    folder: Path
    metrics: Mapping[str, Any]
    run_dir: str | None
    pairs: tuple[Pair, ...]
    scores: Mapping[str, Mapping[str, np.ndarray]]

    @property
    def chosen(self) -> dict[str, list[Pair]]:
        """Pairs with pictures, by why they were chosen: random, best, median, worst."""
        return {why: [tuple(pair) for pair in pairs] for why, pairs in self.metrics.get("chosen", {}).items()}

    def picture(self, pair: Pair, role: str) -> Path | None:
        """One of a chosen pair's pictures; None where there is none."""
        path = pictures_folder(self.folder, pair) / f"{role}.png"
        return path if path.is_file() else None


def pictures_folder(folder: str | os.PathLike, pair: Pair) -> Path:
    """Where a pair's pictures are kept."""
    stems = [os.path.splitext(name)[0].replace("/", "_") for name in pair]
    return Path(folder, PICTURES, "___".join(stems))


def read_evaluation(folder: str | os.PathLike, name: str | None = None) -> SavedEvaluation:
    """Reads metrics.json and pairs.csv; raises UnreadableFile where they are something else."""
    folder = Path(folder)
    try:
        metrics = read_json_object(folder / "metrics.json")
        rows = read_table(folder / "pairs.csv", "from", "to")
    except MissingFile as error:
        raise UnreadableFile(error.path, "no such file; expected what scripts/evaluate.py writes") from error
    with reading(folder, "evaluation of scripts/evaluate.py"):
        run_dir = metrics.get("weights", {}).get("run_dir") if "images" not in metrics else None
        scores: dict[str, dict[str, np.ndarray]] = {method: {} for method in metrics["means"]["all"]}
        for column in rows[0] if rows else ():
            method, _, number = column.partition("/")
            if number and method in scores:
                scores[method][number] = np.array([float(row[column]) for row in rows])
        pairs = tuple((row["from"], row["to"]) for row in rows)
        return SavedEvaluation(name or _name(metrics, folder), folder, metrics, run_dir, pairs, scores)


def _name(metrics: Mapping[str, Any], folder: Path) -> str:
    origin = metrics.get("images", {}).get("generated_dir") or metrics.get("weights", {}).get("run_dir")
    return os.path.basename(os.path.normpath(origin)) if origin else folder.name
