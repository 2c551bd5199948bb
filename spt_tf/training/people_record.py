"""Who a run learns from: a list beside its checkpoints, held against the data whenever it goes on."""

from __future__ import annotations

import csv
import io
import os

from spt_tf.config import ConfigError
from spt_tf.data.atomic_write import write_whole
from spt_tf.data.file_reading import read_text, reading
from spt_tf.data.people_index import PeopleIndex

PEOPLE_FILE = "people.csv"  # name,sha256 of everybody's image, keypoints and label map, in order
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
    lines = read_text(path).splitlines()
    with reading(path, "list of people"):
        before = dict(list(csv.reader(lines, strict=True))[1:])
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


def _some(names: set[str]) -> str:
    more = ", ..." if len(names) > _SAID else ""
    return ", ".join(sorted(names)[:_SAID]) + more
