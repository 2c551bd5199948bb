"""Who a run learns from: lists beside its checkpoints, held against the data whenever it goes on."""

from __future__ import annotations

import csv
import hashlib
import io
import json
import os

from spt_tf.config import ConfigError
from spt_tf.data.atomic_write import write_whole
from spt_tf.data.file_reading import read_json_object, read_table
from spt_tf.data.people_index import PeopleIndex

PEOPLE_FILE = "people.csv"  # name,sha256 of everybody's image, keypoints and label map, in order
PAIRS_FILE = "pairs.json"  # by stage the SHA-256 of the pairs it learns from
_SAID = 3  # names of each kind in an error


def write_people_record(run_dir: str, people: PeopleIndex) -> None:
    """Writes the list, unless the run has one."""
    path = os.path.join(run_dir, PEOPLE_FILE)
    if not os.path.exists(path):
        text = io.StringIO()
        csv.writer(text, lineterminator="\n").writerows(
            [("name", "sha256"), *zip(people.names, people.digests)]
        )
        write_whole(path, text.getvalue().encode())


def check_people_record(run_dir: str, people: PeopleIndex) -> None:
    """Raises ConfigError where a run's list, if it has one, is not of these people in this order.

    Which example a step sees follows from their number and order: with others a run that goes on would be
    another run.
    """
    path = os.path.join(run_dir, PEOPLE_FILE)
    if not os.path.exists(path):
        return
    before = {row["name"]: row["sha256"] for row in read_table(path, "name", "sha256")}
    now = dict(zip(people.names, people.digests))
    kinds = {
        "gone": before.keys() - now.keys(),
        "new": now.keys() - before.keys(),
        "changed": {name for name in before.keys() & now.keys() if before[name] != now[name]},
    }
    said = [f"{len(names):,} {kind} ({_some(names)})" for kind, names in kinds.items() if names]
    if not said and list(before) != list(now):
        said = ["in another order"]
    if said:
        raise ConfigError(
            f"{people.report.file}: not the people that the run in {run_dir} began with: {', '.join(said)}; "
            f"give it its data back, or choose another --run_dir (or delete {path} to go on all the same)"
        )


def hold_pairs(
    run_dir: str, stage: str, pairs: tuple[tuple[str, str], ...], begun: bool, chief: bool = True
) -> None:
    """Records the pairs of a stage that has not begun; raises ConfigError where one that has had others.

    Workers other than the chief, which share the directory, record nothing.
    """
    path = os.path.join(run_dir, PAIRS_FILE)
    record = read_json_object(path) if os.path.exists(path) else {}
    digest = hashlib.sha256("\n".join(map(",".join, pairs)).encode()).hexdigest()
    if begun and record.get(stage, digest) != digest:
        raise ConfigError(
            f"--run_dir={run_dir}: stage {stage} began with other pairs than it would go on with; give it "
            f"its list back, or choose another --run_dir (or delete {path} to go on all the same)"
        )
    if chief and record.get(stage) != digest:
        write_whole(path, (json.dumps({**record, stage: digest}, indent=1) + "\n").encode())


def _some(names: set[str]) -> str:
    more = ", ..." if len(names) > _SAID else ""
    return ", ".join(sorted(names)[:_SAID]) + more
