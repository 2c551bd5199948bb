"""What to evaluate, and how."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping


@dataclasses.dataclass(frozen=True)
class EvaluationPlan:
    """One evaluation; a `run_dir`, a `generated_dir` or both are given.

    run_dir: a run directory of `scripts/train.py`. data_dir: a data directory with test people and pairs.
    protocol: a name of `protocols.PROTOCOLS`. limit: the first so many pairs only; 0 for all.
    batch_size: pairs generated at once. output_dir: where results go.
    generated_dir: a folder of images to score instead of the run's (`generated_files`).
    allow_missing: score what is there where people or images of pairs are missing, rather than stop.
    failure_cases: pairs whose source parsing is corrupted (`failure_cases`); 0 leaves failure cases out.
    true_target_parsing: give the run the target's own parsing (the paper's TS-GT).
    options: what is asked of metrics, by the names of their options; one that is absent has its default.
    """

    run_dir: str | None
    data_dir: str
    protocol: str
    limit: int
    batch_size: int
    output_dir: str
    generated_dir: str | None = None
    allow_missing: bool = False
    failure_cases: int = 0
    true_target_parsing: bool = False
    options: Mapping[str, object] = dataclasses.field(default_factory=dict)

    def check(self) -> None:
        """Raises ValueError for parts that do not go together."""
        if not (self.run_dir or self.generated_dir):
            raise ValueError("give --run_dir, or --generated_dir")
        if self.generated_dir and self.true_target_parsing:
            raise ValueError("--true_target_parsing needs to generate images: give --run_dir alone")
        if self.failure_cases and self.generated_dir:
            raise ValueError("--failure_cases needs to generate images: give --run_dir alone")
