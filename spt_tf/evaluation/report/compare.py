"""Several evaluations on one page."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path

from spt_tf.curves import short_names
from spt_tf.data.atomic_write import write_whole
from spt_tf.evaluation.report.page import write_page
from spt_tf.evaluation.report.saved_evaluation import read_evaluation


def compare(given: Sequence[str], protocol: str, output_dir: str | None) -> Path:
    """Writes `report.html` of evaluations side by side, from what evaluate.py left; nothing is generated.

    given: run directories, whose evaluation/<protocol>/ is taken, or folders with a metrics.json.
    output_dir: by default `comparison/` beside the first.
    Raises ValueError, naming what is no evaluation.
    """
    if not given:
        raise ValueError("--compare: expected run directories, or folders of evaluations")
    folders = [
        folder if os.path.isfile(os.path.join(folder, "metrics.json")) else _of_run(folder, protocol)
        for folder in given
    ]
    evaluations = [read_evaluation(folder, name) for folder, name in zip(folders, short_names(given))]
    path = Path(output_dir or Path(folders[0]).parent / "comparison", "report.html")
    write_whole(path, write_page(evaluations).encode())
    return path


def _of_run(run_dir: str, protocol: str) -> str:
    return os.path.join(run_dir, "evaluation", protocol)
