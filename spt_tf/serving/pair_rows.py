"""A pairs CSV (`from,to`) row by row, keeping the rows that are no pairs apart."""

from __future__ import annotations

import csv
import os
from pathlib import Path
from typing import NamedTuple

from spt_tf.serving.result_files import image_path


class FailedRow(NamedTuple):
    """A row that gave no result: its two names as far as it has them, and why."""

    source: str
    target: str
    reason: str


class PairRows(NamedTuple):
    """Pairs in file order, each once; and the rows that are no pairs."""

    pairs: list[tuple[str, str]]
    failed: list[FailedRow]


def read_pair_rows(path: str | os.PathLike) -> PairRows:
    """Reads `path`; columns after `from,to` are passed over. Raises ValueError on another header."""
    with open(path, newline="", encoding="utf-8-sig") as file:
        rows = csv.reader(file)
        header = [field.strip() for field in next(rows, [])]
        if header[:2] != ["from", "to"]:
            raise ValueError(f"{path}: expected a header that begins 'from,to', found {','.join(header)!r}")
        pairs: dict[Path, tuple[str, str]] = {}  # by the file they are written to
        failed = []
        for number, row in enumerate(rows, start=2):
            source, target = (*(field.strip() for field in row[:2]), "", "")[:2]
            if not any(row):
                continue
            if not source or not target:
                failed.append(FailedRow(source, target, f"row {number}: expected two names"))
            elif any(Path(name).is_absolute() or ".." in Path(name).parts for name in (source, target)):
                failed.append(FailedRow(source, target, f"row {number}: a name leaves the folder of images"))
            elif pairs.setdefault(image_path("", source, target), (source, target)) != (source, target):
                other = " > ".join(pairs[image_path("", source, target)])
                failed.append(FailedRow(source, target, f"row {number}: would overwrite {other}"))
    return PairRows(list(pairs.values()), failed)


def without_result(pairs: list[tuple[str, str]], output_dir: str | os.PathLike) -> list[tuple[str, str]]:
    """The pairs whose image is not there yet. Images appear whole, and after their parsing."""
    folder = Path(output_dir)
    there = {path.name for path in folder.iterdir()} if folder.is_dir() else set()
    return [pair for pair in pairs if image_path(folder, *pair).name not in there]
