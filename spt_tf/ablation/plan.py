"""What an ablation consists of, and where its files lie."""

from __future__ import annotations

import dataclasses
import json
import os
from typing import NamedTuple

from spt_tf.ablation.variants import PAPERS, VARIANTS
from spt_tf.config import ConfigError, ExperimentConfig
from spt_tf.data.atomic_write import write_whole
from spt_tf.data.file_reading import read_json_object


class AblationPlan(NamedTuple):
    """One ablation; the same plan with more seeds or variants carries on from what is there.

    experiment: the whole method's, of any seed. paired_data_dir: the same people as data_dir's, twice
    (make_paper_dolls.py --train_pairs), for the supervised comparator. limit: test pairs, 0 for all.
    parser_steps: training of the image parser that judges.
    """

    experiment: ExperimentConfig
    paired_data_dir: str
    output_dir: str
    seeds: int = 3
    variants: tuple[str, ...] = tuple(PAPERS)
    limit: int = 0
    parser_steps: int = 1500

    def path(self, *parts: str) -> str:
        """A path in the output directory."""
        return os.path.join(self.output_dir, *parts)

    def run_dir(self, seed: int, variant: str) -> str:
        """Where a variant of a seed is trained, or "shared", what the variants have in common."""
        return self.path(f"seed-{seed}", variant)

    def metrics_path(self, seed: int, variant: str) -> str:
        """What evaluation writes of a variant of a seed."""
        return self.path(f"seed-{seed}", "evaluation", variant, "metrics.json")

    @property
    def image_parser(self) -> str:
        """The run directory of the finder whose parsing judges."""
        return self.path("image_parser")

    @property
    def parser_facts(self) -> str:
        """What is known of that finder: its steps, and its mIoU on the true targets."""
        return self.path("image_parser", "true_targets.json")

    def check(self) -> None:
        """Raises ConfigError for a plan that cannot be carried out."""
        unknown = [name for name in self.variants if name not in VARIANTS]
        if unknown or not self.variants:
            raise ConfigError(f"--variants={','.join(unknown)}: expected some of {', '.join(VARIANTS)}")
        network, data = self.experiment.network, self.experiment.data
        if network.local_enhancer or data.paired or not network.semantics:
            raise ConfigError(
                "an ablation starts from the whole method, without --local_enhancer, --paired, --nosemantics"
            )
        pairs = os.path.join(self.paired_data_dir, "market-pairs-train.csv")
        supervised = [name for name in self.variants if VARIANTS[name].changes.get("paired")]
        if supervised and not os.path.exists(pairs):
            raise ConfigError(
                f"--paired_data_dir: there is no {pairs}; draw it by scripts/make_paper_dolls.py "
                f"--train_pairs, or leave {', '.join(supervised)} out of --variants"
            )

    def claim(self) -> None:
        """Writes `ablation.json`.

        Raises ConfigError where another ablation lies in the directory, UnreadableFile for a damaged one.
        """
        fixed = {
            "experiment": dataclasses.asdict(self.experiment),
            "paired_data_dir": self.paired_data_dir,
            "limit": self.limit,
            "parser_steps": self.parser_steps,
        }
        path = self.path("ablation.json")
        if not os.path.exists(path):
            os.makedirs(self.output_dir, exist_ok=True)
            write_whole(path, (json.dumps(fixed, indent=2) + "\n").encode())
        if read_json_object(path) != fixed:
            raise ConfigError(
                f"--output_dir={self.output_dir} holds another ablation: choose another directory, "
                f"or the options in {path}"
            )
