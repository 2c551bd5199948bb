"""What to evaluate, and how."""

from __future__ import annotations

from typing import NamedTuple


class EvaluationPlan(NamedTuple):
    """One evaluation; a `run_dir`, a `generated_dir` or both are given.

    run_dir: a run directory of `scripts/train.py`. data_dir: a data directory with test people and pairs.
    protocol: a name of `protocols.PROTOCOLS`. limit: the first so many pairs only; 0 for all.
    batch_size: pairs generated at once. output_dir: where results go.
    inception_graph: the literature's frozen graph, for Inception score, mask-IS and FID, or None.
    pckh: whether to look for joints with the run's own pose detector.
    generated_dir: a folder of images to score instead of the run's (`generated_files`).
    generated_annotations: CSV of keypoints that any tool found in the generated images, for PCKh, or None.
    lpips_weights: the file of `lpips_weights`, or None.
    allow_missing: score what is there where people or images of pairs are missing, rather than stop.
    texture: whether to compare the texture and colour of each label with the true image's.
    image_parser: the file of an image parser (`image_parser`), to parse the generated images with, or None.
    true_target_parsing: give the run the target's own parsing (the paper's TS-GT).
    failure_cases: pairs whose source parsing is corrupted (`failure_cases`); 0 leaves failure cases out.
    """

    run_dir: str | None
    data_dir: str
    protocol: str
    limit: int
    batch_size: int
    output_dir: str
    inception_graph: str | None = None
    pckh: bool = False
    generated_dir: str | None = None
    generated_annotations: str | None = None
    lpips_weights: str | None = None
    allow_missing: bool = False
    failure_cases: int = 0
    texture: bool = False
    image_parser: str | None = None
    true_target_parsing: bool = False

    def check(self) -> None:
        """Raises ValueError for parts that do not go together."""
        if not (self.run_dir or self.generated_dir):
            raise ValueError("give --run_dir, or --generated_dir")
        if self.pckh and not self.run_dir:
            raise ValueError("--pckh needs the pose detector of --run_dir; or give --generated_annotations")
        if self.generated_dir and (self.texture or self.image_parser):
            raise ValueError("--texture and --image_parser need label maps: give --run_dir alone")
        if self.generated_dir and self.true_target_parsing:
            raise ValueError("--true_target_parsing needs to generate images: give --run_dir alone")
        if self.failure_cases and self.generated_dir:
            raise ValueError("--failure_cases needs to generate images: give --run_dir alone")
