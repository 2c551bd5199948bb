"""Scores of a stage's model on held-out pairs while it trains (`--validate_every`).

Where a pair's target is the same person's true image, as in the data sets' own pair files: `ssim`,
`mask_ssim` and `parsing_miou`, as scripts/evaluate.py measures them. Of any pair: `cycle_ssim`, SSIM of the
source image with the image mapped back; and `pose_error`, the mean distance in pixels between a target joint
and where P sees it in the generated image (in stage pose_detector: in the true image). Each as far as a
stage's networks go; at half the size where the stage works there.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import NamedTuple

import numpy as np
import tensorflow as tf

from spt_tf.config import ConfigError, ExperimentConfig, RunConfig
from spt_tf.data.datasets import DatasetError, load_pairs, load_pairs_from, load_people
from spt_tf.data.people_index import PeopleIndex
from spt_tf.data.pipeline import pair_batches
from spt_tf.evaluation import protocols
from spt_tf.evaluation.metrics.mask_ssim import MaskSsim
from spt_tf.evaluation.metrics.metric import Metric, Output, finite_mean
from spt_tf.evaluation.metrics.parsing_miou import ParsingMiou
from spt_tf.evaluation.metrics.pckh import keypoints_of_heatmaps
from spt_tf.evaluation.metrics.ssim import Ssim
from spt_tf.evaluation.plan import EvaluationPlan
from spt_tf.models import conditioning
from spt_tf.models.cycle import move_and_map_back
from spt_tf.models.pose_detection import PoseDetectionModel
from spt_tf.models.semantic import SemanticModel
from spt_tf.models.stage_model import StageModel
from spt_tf.models.supervised import SupervisedModel

_BATCH_SIZE = 8
_OF_ANY_PAIR = ("cycle_ssim", "pose_error")


class Generated(NamedTuple):
    """What a model makes of a batch; None where its networks do not go so far.

    image, mapped_back: uint8 `[B,H,W,3]`. parsing: uint8 `[B,H,W]`. heatmaps: P's `[B,H,W,18]` of the image.
    """

    image: tf.Tensor | None = None
    parsing: tf.Tensor | None = None
    mapped_back: tf.Tensor | None = None
    heatmaps: tf.Tensor | None = None


class HeldOutScores:
    """Scores models on the same pairs, as often as it is called.

    have_targets: whether a pair's target image is the true one of the same person.
    """

    def __init__(self, people: PeopleIndex, pairs: Iterable[tuple[str, str]], have_targets: bool):
        self._people, self._pairs, self._have_targets = people, tuple(pairs), have_targets
        self._model: StageModel | None = None

    def forget(self) -> None:
        """Lets go of the model that was scored last."""
        self._model = None
        self.__dict__.pop("_generate", None)

    def __call__(self, model: StageModel) -> dict[str, float]:
        """Number by name; a number that is not defined for these pairs is absent."""
        if self._model is not model:
            self._model = model
            self._generate = tf.function(
                lambda batch: _generated(model, batch), reduce_retracing=True, autograph=False
            )
        metrics = _true_target_metrics() if self._have_targets else ()
        columns: dict[str, list[Mapping[str, np.ndarray]]] = {}
        for batch in pair_batches(self._people, self._pairs, _BATCH_SIZE):
            sized = conditioning.half_batch(batch) if _works_at_half(model, self._people) else batch
            generated = self._generate({key: sized[key] for key in sorted(sized) if "name" not in key})
            for name, measured in _measure(metrics, _as_arrays(sized), generated).items():
                columns.setdefault(name, []).append(measured)
        whole = {name: _joined(parts) for name, parts in columns.items()}
        scores = {name: finite_mean(whole[name][name]) for name in _OF_ANY_PAIR if name in whole}
        for metric in metrics:
            if metric.name in whole:
                scores[metric.name] = metric.summarize(whole[metric.name], {}).get(metric.name)
        return {name: score for name, score in scores.items() if score is not None}


def load_held_out(experiment: ExperimentConfig, run: RunConfig) -> HeldOutScores:
    """What `--validation_pairs` and `--validation_limit` name, of the people in test/ of the data directory.

    Without a list: the data directory's test pairs; where it has none, each person in the pose of the next,
    without true targets. Raises ConfigError, DatasetError.
    """
    people = load_people(experiment.data.data_dir, "test", experiment.canvas)
    if run.validation_pairs:
        try:
            pairs = load_pairs_from(run.validation_pairs, people).pairs
        except (OSError, DatasetError) as error:
            raise ConfigError(f"--validation_pairs={run.validation_pairs}: {error}") from error
        have_targets = True
    else:
        try:
            pairs, have_targets = load_pairs(experiment.data.data_dir, "test", people).pairs, True
        except DatasetError:
            names = people.names
            pairs, have_targets = tuple(zip(names, [*names[1:], names[0]])), False
    return HeldOutScores(people, pairs[: run.validation_limit or None], have_targets)


def _true_target_metrics() -> tuple[Metric, ...]:
    plan = EvaluationPlan(None, "", protocol="spt", limit=0, batch_size=_BATCH_SIZE, output_dir="")
    return Ssim(plan), MaskSsim(plan), ParsingMiou(plan)


def _works_at_half(model: StageModel, people: PeopleIndex) -> bool:
    person = getattr(model, "person", None)
    return person is not None and tuple(person.canvas) != tuple(people.canvas)


def _generated(model: StageModel, batch: dict[str, tf.Tensor]) -> Generated:
    if isinstance(model, PoseDetectionModel):
        return Generated(heatmaps=model.pose_detector(conditioning.image_to_float(batch["target_image"])))
    source, keypoints = model.person.as_input(conditioning.source_person(batch)), batch["target_keypoints"]
    if isinstance(model, SemanticModel):
        parsing = model.person.transform_parsing(source.parsing, source.keypoints, keypoints)
        return Generated(parsing=conditioning.parsing_to_labels(parsing))
    if isinstance(model, SupervisedModel):
        return Generated(conditioning.image_to_uint8(model.person.transfer_pose(source, keypoints)[0]))
    cycle = move_and_map_back(model.person, source, keypoints, None)
    parsing = cycle.moved.parsing
    return Generated(
        conditioning.image_to_uint8(cycle.moved.image),
        None if parsing is None else conditioning.parsing_to_labels(parsing),
        conditioning.image_to_uint8(cycle.mapped_back.image),
        model.networks()["pose_detector"](cycle.moved.image),
    )


def _measure(
    metrics: Iterable[Metric], batch: Mapping[str, np.ndarray], generated: Generated
) -> dict[str, Mapping[str, np.ndarray]]:
    """Columns of each metric that can be measured."""
    image, parsing, mapped_back, heatmaps = (None if g is None else g.numpy() for g in generated)
    measured: dict[str, Mapping[str, np.ndarray]] = {}
    for metric in metrics:
        if isinstance(metric, ParsingMiou) or image is not None:
            shown = np.zeros_like(batch["target_image"]) if image is None else image  # not looked at then
            measured[metric.name] = metric.measure(batch, Output("model", shown, parsing))
    if mapped_back is not None:
        measured["cycle_ssim"] = {"cycle_ssim": protocols.ssim(batch["source_image"], mapped_back)}
    if heatmaps is not None:
        measured["pose_error"] = {"pose_error": pose_errors(batch["target_keypoints"], heatmaps)}
    return {name: columns for name, columns in measured.items() if columns}


def pose_errors(keypoints: np.ndarray, heatmaps: np.ndarray) -> np.ndarray:
    """Mean distance in pixels of each person's joints `[N,18,2]` from the maxima of heatmaps `[N,H,W,18]`.

    Returns `[N]`; NaN for who has no joint.
    """
    found = keypoints_of_heatmaps(np.asarray(heatmaps, np.float32), threshold=-np.inf)
    present = (keypoints >= 0).all(axis=-1)
    distances = np.where(present, np.linalg.norm(keypoints - found, axis=-1), 0.0)
    with np.errstate(invalid="ignore"):
        return distances.sum(axis=-1) / present.sum(axis=-1)


def _as_arrays(batch: Mapping[str, tf.Tensor]) -> dict[str, np.ndarray]:
    return {name: tensor.numpy() for name, tensor in batch.items()}


def _joined(parts: list[Mapping[str, np.ndarray]]) -> dict[str, np.ndarray]:
    return {name: np.concatenate([part[name] for part in parts]) for name in parts[0]}
