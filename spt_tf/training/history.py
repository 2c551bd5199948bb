"""`history.jsonl` of a run: one line a call of train.py, with what it did otherwise than the call before.

    {"time": "2026-11-24T18:25:00+00:00", "stage": "appearance", "step": 1200,
     "changed": {"batch_size": [16, 8]}, "run": {"validate_every": 500}}

stage, step: where training went on from. changed: options of `config.json`, old and new. run: options of how
the call was carried out, where they are not the defaults.
"""

from __future__ import annotations

import datetime
import json
import os
from collections.abc import Mapping
from typing import Any

from spt_tf.config import STAGES
from spt_tf.data.file_reading import UnreadableFile, read_text
from spt_tf.training.changes import Changes

HISTORY_FILE = "history.jsonl"


def add_to_history(run_dir: str, stage: str, step: int, changed: Changes, run: Mapping[str, Any]) -> None:
    """Adds a line."""
    now = datetime.datetime.now(datetime.timezone.utc).isoformat(timespec="seconds")
    changes = {name: list(pair) for name, pair in changed.items()}
    line = {"time": now, "stage": stage, "step": step, "changed": changes, "run": dict(run)}
    with open(os.path.join(run_dir, HISTORY_FILE), "a", encoding="utf8") as lines:
        lines.write(json.dumps(line) + "\n")


def read_history(run_dir: str) -> list[dict[str, Any]]:
    """Its lines, oldest first; none where there is no such file. A last line cut short is left out.

    Raises UnreadableFile.
    """
    path = os.path.join(run_dir, HISTORY_FILE)
    if not os.path.exists(path):
        return []
    history = []
    for row, line in enumerate(read_text(path).splitlines(keepends=True), start=1):
        if line.endswith("\n"):
            try:
                entry = json.loads(line)
                if type(entry["step"]) is not int:
                    raise TypeError
                list(map(int, entry["changed"].get("batch_size", [])))
                history.append({**entry, "stage": str(entry["stage"])})
            except (ValueError, TypeError, LookupError, AttributeError, RecursionError) as error:
                raise UnreadableFile(path, "expected JSON with stage, step and changed", row) from error
    return history


def examples_seen(history: list[dict[str, Any]], stage: str, step: int, batch_size: int) -> int:
    """How many examples a stage took in its first `step` steps; the latest of them took `batch_size` each."""
    examples = 0
    for line in reversed(history):
        if "batch_size" not in line["changed"] or line["stage"] not in STAGES:
            continue
        if STAGES.index(line["stage"]) < STAGES.index(stage):
            break
        if line["stage"] == stage and line["step"] < step:
            examples += (step - line["step"]) * batch_size
            step = line["step"]
        batch_size = line["changed"]["batch_size"][0]
    return examples + step * batch_size
