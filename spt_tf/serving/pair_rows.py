"""A pairs CSV (`from,to`) row by row, keeping the rows that are no pairs apart."""

from __future__ import annotations

import csv
import os
from pathlib import Path
from typing import NamedTuple

from spt_tf.data.file_reading import UnreadableFile, read_text
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
    """Reads a CSV in UTF-8, a row a line; columns after `from,to` are passed over.

    Raises UnreadableFile on what is no text or has another header.
    """
    lines = [
        (row, line)
        for row, line in enumerate(read_text(path, pipe=True).split("\n"), start=1)
        if line.strip(", \r")
    ]
    row, header = lines[0] if lines else (1, "")
    if [field.strip() for field in header.split(",")][:2] != ["from", "to"]:
        raise UnreadableFile(path, f"expected a header that begins 'from,to', found {header[:80]!r}", row)
    pairs: dict[Path, tuple[str, str]] = {}  # by the file they are written to
    failed = []
    for number, line in lines[1:]:
        try:
            source, target = (*_fields(line)[:2], "", "")[:2]
        except csv.Error as error:
            failed.append(FailedRow(line.strip()[:80], "", f"row {number}: no line of a CSV ({error})"))
            continue
        if not source or not target:
            failed.append(FailedRow(source, target, f"row {number}: expected two names"))
        elif any(Path(name).is_absolute() or ".." in Path(name).parts for name in (source, target)):
            failed.append(FailedRow(source, target, f"row {number}: a name leaves the folder of images"))
        elif pairs.setdefault(image_path("", source, target), (source, target)) != (source, target):
            other = " > ".join(pairs[image_path("", source, target)])
            failed.append(FailedRow(source, target, f"row {number}: would overwrite {other}"))
    return PairRows(list(pairs.values()), failed)


def _fields(line: str) -> list[str]:
    """A line by itself: an unclosed quote, which could swallow all lines after it, is a csv.Error."""
    return [field.strip() for field in next(csv.reader([line.rstrip("\r")], strict=True), [])]


def without_result(pairs: list[tuple[str, str]], output_dir: str | os.PathLike) -> list[tuple[str, str]]:
    """The pairs whose image is not there yet. Images appear whole, and after their parsing."""
    folder = Path(output_dir)
    there = {entry.name for entry in os.scandir(folder) if entry.is_file()} if folder.is_dir() else set()
    return [pair for pair in pairs if image_path(folder, *pair).name not in there]
