"""`metrics.jsonl` of a run, read: one line a window of steps (`scalar_log` says what is in it)."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from typing import Any

from spt_tf.data.file_reading import UnreadableFile, read_text

METRICS_FILE = "metrics.jsonl"


def read_entries(path: str | os.PathLike) -> Iterator[tuple[str, dict[str, Any]]]:
    """Each whole line with its newline, and what it says; stage and step are always there.

    Nothing where there is no such file. A last line that was cut short is left out. Raises UnreadableFile.
    """
    if not os.path.exists(path):
        return
    for row, line in enumerate(read_text(path).splitlines(keepends=True), start=1):
        if line.endswith("\n"):
            try:
                entry = json.loads(line)
                known = isinstance(entry["stage"], str) and isinstance(entry["step"], int)
            except (ValueError, TypeError, LookupError, RecursionError) as error:
                raise UnreadableFile(path, "expected JSON with stage and step", row) from error
            if not known:
                raise UnreadableFile(path, "expected JSON with stage and step", row)
            yield line, entry
