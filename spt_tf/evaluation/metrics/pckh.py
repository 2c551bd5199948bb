"""PCKh as PATN computes it: the share of joints found within half a head of where they should be."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

import numpy as np

from spt_tf import anatomy
from spt_tf.evaluation.metrics.metric import Columns, Metric, Output
from spt_tf.evaluation.metrics.option import Option
from spt_tf.evaluation.plan import EvaluationPlan

if TYPE_CHECKING:
    import tensorflow as tf

    from spt_tf.evaluation.candidate import Candidate

# Batch as arrays, generated uint8 images `[B,H,W,3]` -> keypoints `[B,18,2]` found in them.
JointFinder = Callable[[Mapping[str, np.ndarray], np.ndarray], np.ndarray]
_HEAD_BOX = (anatomy.JOINT["neck"], *anatomy.HEAD_JOINTS)


class Pckh(Metric):
    """Joints that the run's pose detector, or any other tool, finds in the generated images."""

    name = "pckh"
    options = (
        Option("pckh", "Add PCKh by the pose detector of --run_dir.", default=False),
        Option(
            "generated_annotations",
            "Add PCKh by keypoints found in the generated images: a CSV, or the .json of another tool.",
            is_file=True,
        ),
    )

    def __init__(self, plan: EvaluationPlan):
        super().__init__(plan)
        if self.option("pckh") and not plan.run_dir:
            raise ValueError("--pckh needs the pose detector of --run_dir; or give --generated_annotations")
        self._finders: dict[str, JointFinder] = {}

    def reason_left_out(self) -> str | None:
        if self.option("pckh") or self.option("generated_annotations"):
            return None
        return "asked for neither by --pckh nor by --generated_annotations"

    def describe(self) -> dict[str, str]:
        file = self.option("generated_annotations")
        found_by = f"from {file}" if file else "found by the run's own pose detector"
        return {
            "pckh": f"0..1, half a head box, all pairs together, joints of the generated images {found_by}"
        }

    def open(self, candidate: Candidate) -> None:
        from spt_tf.evaluation.candidate import OURS
        from spt_tf.evaluation.generated_annotations import read_generated_annotations

        if self.option("pckh"):
            if candidate.pose_detector is None:
                raise ValueError("--pckh: this run has no pose detector")
            self._finders = dict.fromkeys(candidate.methods, _detected(candidate.pose_detector))
        if self.option("generated_annotations"):
            found = read_generated_annotations(
                self.file("generated_annotations"), candidate.pairs, candidate.index.canvas
            )
            self._finders[OURS] = _annotated(found)

    def measure(self, batch: Mapping[str, np.ndarray], output: Output) -> Columns:
        if output.method not in self._finders:
            return {}
        found = self._finders[output.method](batch, output.image)
        counts = joints_found(batch["target_keypoints"], found)
        return {"joints_found": counts[:, 0], "joints_wanted": counts[:, 1]}

    def summarize(self, columns: Columns, truth: Columns) -> dict[str, float]:
        found, wanted = int(columns["joints_found"].sum()), int(columns["joints_wanted"].sum())
        return {"pckh_found": found, "pckh_wanted": wanted, **({"pckh": found / wanted} if wanted else {})}


def _detected(pose_detector: Callable[[tf.Tensor], tf.Tensor]) -> JointFinder:
    """Looks with a pose detector: images `[B,H,W,3]` in [-1, 1] -> heatmaps `[B,H,W,18]`."""
    import tensorflow as tf

    from spt_tf.models import conditioning

    detect = tf.function(pose_detector, reduce_retracing=True, autograph=False)  # the last batch is smaller

    def find(batch: Mapping[str, np.ndarray], images: np.ndarray) -> np.ndarray:
        return keypoints_of_heatmaps(detect(conditioning.image_to_float(tf.constant(images))).numpy())

    return find


def _annotated(keypoints: Mapping[tuple[str, str], np.ndarray]) -> JointFinder:
    """Takes joints that another tool has found: (source, target) -> `[18,2]`, for every pair."""

    def find(batch: Mapping[str, np.ndarray], images: np.ndarray) -> np.ndarray:
        names = zip(batch["source_name"].tolist(), batch["target_name"].tolist())
        return np.stack([keypoints[source.decode(), target.decode()] for source, target in names])

    return find


def joints_found(target: np.ndarray, predicted: np.ndarray, alpha: float = 0.5) -> np.ndarray:
    """Counts each person's found joints: arguments of `joint_hits` -> int64 `[N,2]`, found and wanted.

    Both are 0 for people passed over.
    """
    return np.stack([one.sum(axis=1) for one in joint_hits(target, predicted, alpha)], axis=1)


def joint_hits(
    target: np.ndarray, predicted: np.ndarray, alpha: float = 0.5
) -> tuple[np.ndarray, np.ndarray]:
    """Which joints are found.

    A joint is found when it lies nearer than `alpha` times the head box's width in x and its height in y.
    The box is that of neck, nose, eyes and ears; people with fewer than two of these are passed over.

    Args:
        target: `[N,18,2]`, (y, x), -1 where missing.
        predicted: likewise, of the generated images.

    Returns:
        bool `[N,18]` twice: joints found, and joints that the target has; none for people passed over.
    """
    target, predicted = np.asarray(target, np.float64), np.asarray(predicted, np.float64)
    if target.shape != predicted.shape or target.shape[1:] != (anatomy.NUM_JOINTS, 2):
        raise ValueError(f"pckh wants two [N,18,2] arrays, got {target.shape} and {predicted.shape}")
    wanted, there = (target >= 0).all(axis=-1), (predicted >= 0).all(axis=-1)
    wanted &= wanted[:, _HEAD_BOX].sum(axis=1, keepdims=True) >= 2
    head = target[:, _HEAD_BOX]
    low = np.where(wanted[:, _HEAD_BOX, None], head, np.inf).min(axis=1)
    high = np.where(wanted[:, _HEAD_BOX, None], head, -np.inf).max(axis=1)
    near = (abs(target - predicted) < alpha * (high - low)[:, None]).all(axis=-1)
    return near & wanted & there, wanted


def keypoints_of_heatmaps(heatmaps: np.ndarray, threshold: float = 0.1) -> np.ndarray:
    """The place of each heatmap's maximum, missing where that is not above `threshold` (PATN's map_to_cord).

    `[N,H,W,18]` -> float32 `[N,18,2]`, (y, x), -1 where missing.
    """
    heatmaps = np.asarray(heatmaps)
    count, _, width, joints = heatmaps.shape
    flat = heatmaps.reshape(count, -1, joints)
    place = flat.argmax(axis=1)
    keypoints = np.stack([place // width, place % width], axis=-1).astype(np.float32)
    return np.where((flat.max(axis=1) > threshold)[..., None], keypoints, anatomy.MISSING).astype(np.float32)
