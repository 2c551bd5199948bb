"""What to evaluate, and how."""

from __future__ import annotations

import dataclasses
import os
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
    precision: what the run computes its pictures in (`load_finished_run`).
    finder: run directory of a finder: the run is also given what that finds instead of the true poses, the
        true source parsing, or both. flip_test: the finder looks at mirror images too.
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
    precision: str = "float32"
    finder: str | None = None
    flip_test: bool = False
    options: Mapping[str, object] = dataclasses.field(default_factory=dict)

    def check(self) -> None:
        """Raises ValueError for parts that do not go together."""
        if not (self.run_dir or self.generated_dir):
            raise ValueError("give --run_dir, or --generated_dir")
        if self.generated_dir and self.true_target_parsing:
            raise ValueError("--true_target_parsing needs to generate images: give --run_dir alone")
        if self.generated_dir and self.finder:
            raise ValueError("--finder needs to generate images: give --run_dir alone")
        if self.generated_dir and self.precision != "float32":
            raise ValueError(f"--precision={self.precision} is of a run that generates: give --run_dir alone")
        if self.finder and self.true_target_parsing:
            raise ValueError("--finder finds no target parsing: leave out --true_target_parsing")
        if self.flip_test and not self.finder:
            raise ValueError("--flip_test is of a finder: give --finder")
        if self.failure_cases and self.generated_dir:
            raise ValueError("--failure_cases needs to generate images: give --run_dir alone")

    def restrictions(self) -> dict[str, str]:
        """What keeps this from being the whole evaluation of a run: words by the end of a folder's name."""
        named: dict[str, str] = {}
        if self.generated_dir:
            name = os.path.basename(os.path.normpath(self.generated_dir))
            named[name] = f"images of {self.generated_dir}"
        if self.limit:
            named[f"first_{self.limit}"] = f"the first {self.limit} pairs alone"
        if self.true_target_parsing:
            named["true_target_parsing"] = "given the target's own parsing (TS-GT)"
        if self.precision != "float32":
            named[self.precision] = f"computed in {self.precision}"
        if self.allow_missing:
            named["allow_missing"] = "without the pairs whose people or images are missing"
        return named

    def default_output_dir(self) -> str:
        """`evaluation/<protocol>` in the run or beside the folder of images.

        What is not the whole evaluation of a run has a folder of its own, `<protocol>-first_40`.
        """
        beside = self.run_dir or os.path.dirname(os.path.normpath(str(self.generated_dir)))
        return os.path.join(beside, "evaluation", "-".join([self.protocol, *self.restrictions()]))
