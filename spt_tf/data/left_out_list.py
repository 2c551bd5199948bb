"""The list of what a command left out: a CSV of name and reason, for a person or a spreadsheet."""

from __future__ import annotations

import csv
import io
import os
from collections.abc import Iterable

from spt_tf.data.atomic_write import write_whole


def write_left_out(path: str | os.PathLike, left_out: Iterable[tuple[str, str]]) -> None:
    """Writes (name, reason) rows under a header `name,reason`, whole or not at all."""
    text = io.StringIO()
    rows = csv.writer(text, lineterminator="\n")
    rows.writerow(("name", "reason"))
    rows.writerows(left_out)
    write_whole(path, text.getvalue().encode())
