"""A finished run behind a few calls: what everything after training stands on."""

from __future__ import annotations

import contextlib
import dataclasses
import functools
import itertools
import math
import os
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

import tensorflow as tf
from absl import logging

from spt_tf import anatomy
from spt_tf.config import SPECS, ExperimentConfig, first_stage_that_trains
from spt_tf.data.given_people import Given, as_batch
from spt_tf.models import conditioning
from spt_tf.models.enhanced_generator import EnhancedPersonGenerator, fade_in_share
from spt_tf.models.graph_optimizers import optimized_lightly
from spt_tf.models.person_generator import PersonGenerator
from spt_tf.people import Person
from spt_tf.training.build import build_person_generator, build_pose_detector
from spt_tf.training.checkpoints import StageCheckpoints, build_from_networks, saved_networks
from spt_tf.training.run_directory import RunNotFound, read_config

_STAGES_WITH_APPEARANCE = tuple(
    spec.name
    for spec in reversed(SPECS)
    if {"appearance_generator", "local_enhancer"}.intersection(spec.trains)
)
# Where a network is looked for that the stage itself has not saved, as those of converted runs have not.
_STAGES_OF_THEIR_OWN = {
    network: first_stage_that_trains(network) for network in ("semantic_generator", "pose_detector")
}
_POLICIES = {"float32": "float32", "bfloat16": "mixed_bfloat16"}  # Keras's, whose variables are float32
_UNTRACED_PIXELS = 128 * 128  # of a canvas: on larger ones it takes a tenth more memory


class Generated(NamedTuple):
    """People in their target poses; without the axis B where one person was given.

    image: uint8 `[B,H,W,3]` RGB.
    parsing: uint8 `[B,H,W]`, labels 0..9 of the person in the target pose; None where there are only images.
    """

    image: tf.Tensor
    parsing: tf.Tensor | None


@dataclasses.dataclass(frozen=True, eq=False)
class FinishedRun:
    """What a run has learned.

    Its calls take NumPy arrays, tensors or files, of one person or of a batch (`given_people.as_batch`).

    generator: without H_S in a run of the authors' weights (scripts/convert_checkpoint.py) in which that
        stage has not been trained. read_pose_detector: answers with `pose_detector`.
    stage, step: where H_A's weights come from.
    precision: what the generator computes in, float32 or bfloat16.
    untraced_calls: of each kind, that run operator by operator, before a graph is traced: a few pictures are
        sooner made so. 0 where nobody shall wait later on.
    """

    config: ExperimentConfig
    generator: PersonGenerator
    read_pose_detector: Callable[[], tf.keras.Model | None]
    stage: str
    step: int
    precision: str = "float32"
    untraced_calls: int = 8

    @property
    def canvas(self) -> tuple[int, int]:
        """(height, width) of images."""
        return self.generator.canvas

    @functools.cached_property
    def pose_detector(self) -> tf.keras.Model | None:
        """P, read when it is first asked for: only evaluation does. None where the run has none."""
        return self.read_pose_detector()

    def transfer_pose(
        self, image: Given, parsing: Given | None, keypoints: Given, target_keypoints: Given
    ) -> Generated:
        """A person in another pose: S~_pt by H_S, then I~_pt by H_A; without semantics H_A alone.

        image: uint8 `[B,H,W,3]`. parsing: labels `[B,H,W]`; a run without semantics does without (None).
        keypoints, target_keypoints: `[B,18,2]`, (y, x) in pixels of the canvas, -1 where missing.

        Raises:
            NoSemanticGenerator: in a run that only draws on given parsings (`render`).
            ValueError, OSError: as `as_batch`.
        """
        given = {"image": image, "keypoints": keypoints, "target_keypoints": target_keypoints}
        if self.config.network.semantics:
            given["parsing"] = parsing
        batch, single = as_batch(self.canvas, given)
        moved = self._transfer(batch)
        return Generated(*(None if one is None else one[0] for one in moved)) if single else moved

    def transform_parsing(self, parsing: Given, keypoints: Given, target_keypoints: Given) -> tf.Tensor:
        """A person's label map in another pose: uint8 `[B,H,W]`, of labels and keypoints as above.

        Raises as `transfer_pose`, NoSemanticGenerator without H_S.
        """
        given = {"parsing": parsing, "keypoints": keypoints, "target_keypoints": target_keypoints}
        batch, single = as_batch(self.canvas, given)
        labels = self._transform(batch)
        return labels[0] if single else labels

    def render(
        self,
        image: Given,
        parsing: Given,
        keypoints: Given,
        target_parsing: Given,
        target_keypoints: Given,
    ) -> tf.Tensor:
        """A person on a given target parsing, by H_A alone: uint8 `[B,H,W,3]`, of inputs as above.

        Raises as `transfer_pose`, NoSemanticGenerator without semantics.
        """
        given = {
            "image": image,
            "parsing": parsing,
            "keypoints": keypoints,
            "target_parsing": target_parsing,
            "target_keypoints": target_keypoints,
        }
        batch, single = as_batch(self.canvas, given)
        images = self._render(batch)
        return images[0] if single else images

    @functools.cached_property
    def _transfer(self) -> Callable[[dict[str, tf.Tensor]], Generated]:
        def transfer(batch: dict[str, tf.Tensor]) -> Generated:
            image, parsing = self.generator.transfer_pose(_person(batch), batch["target_keypoints"])
            labels = None if parsing is None else conditioning.parsing_to_labels(parsing)
            return Generated(conditioning.image_to_uint8(image), labels)

        names = ("image", "parsing", "keypoints") if self.config.network.semantics else ("image", "keypoints")
        return self._traced(transfer, *names, "target_keypoints")

    @functools.cached_property
    def _transform(self) -> Callable[[dict[str, tf.Tensor]], tf.Tensor]:
        def transform(batch: dict[str, tf.Tensor]) -> tf.Tensor:
            parsing = conditioning.labels_to_parsing(batch["parsing"])
            poses = batch["keypoints"], batch["target_keypoints"]
            return conditioning.parsing_to_labels(self.generator.transform_parsing(parsing, *poses))

        return self._traced(transform, "parsing", "keypoints", "target_keypoints")

    @functools.cached_property
    def _render(self) -> Callable[[dict[str, tf.Tensor]], tf.Tensor]:
        def render(batch: dict[str, tf.Tensor]) -> tf.Tensor:
            target = conditioning.labels_to_parsing(batch["target_parsing"])
            image = self.generator.render(_person(batch), target, batch["target_keypoints"])
            return conditioning.image_to_uint8(image)

        return self._traced(render, "image", "parsing", "keypoints", "target_parsing", "target_keypoints")

    def _traced(self, call: Callable, *names: str) -> Callable:
        """Traced once, for batches of any size: the last one of a data set is smaller.

        Not for the first calls, `untraced_calls`, for the same pictures: operator by operator they take 0.2 s
        each, where tracing takes 2 s before it saves them. On large canvases all are traced.
        """
        kinds = {
            "image": tf.TensorSpec([None, *self.canvas, 3], tf.uint8),
            "parsing": tf.TensorSpec([None, *self.canvas], tf.uint8),
            "keypoints": tf.TensorSpec([None, anatomy.NUM_JOINTS, 2], tf.float32),
        }
        signature = {name: kinds[name.rpartition("_")[2]] for name in names}
        # autograph has nothing to convert, and would wrap the generators' own errors
        traced = optimized_lightly(tf.function(call, input_signature=[signature], autograph=False))
        if math.prod(self.canvas) > _UNTRACED_PIXELS:
            return traced
        calls = itertools.count()

        def soonest(batch: dict[str, tf.Tensor]) -> Any:
            untraced = tf.executing_eagerly() and next(calls) < self.untraced_calls
            return call(batch) if untraced else traced(batch)

        return soonest


def _person(batch: dict[str, tf.Tensor]) -> Person:
    parsing = conditioning.labels_to_parsing(batch["parsing"]) if "parsing" in batch else None
    return Person(conditioning.image_to_float(batch["image"]), parsing, batch["keypoints"])


def load_finished_run(
    run_dir: str,
    canvas: tuple[int, int] | None = None,
    stage: str | None = None,
    precision: str = "float32",
) -> FinishedRun:
    """Loads the newest weights (averaged, where the run keeps an average) of the last stage that has H_A.

    canvas: (height, width) to generate at when it is not the run's own: the networks are convolutional.
    stage: that of the weights, when not the last.
    precision: "float32"; or "bfloat16", in which the weights are then held and nothing can be learned.

    A damaged checkpoint is passed over with a warning, for the one before it (see `FinishedRun.step`). Raises
    RunNotFound; UnreadableFile where every checkpoint is damaged or of other networks than config.json's.
    """
    config = read_config(run_dir)
    checkpoints, stage = _newest(run_dir, _STAGES_WITH_APPEARANCE if stage is None else (stage,))
    step = checkpoints.whole_step("networks")
    prefixes = _prefixes(run_dir, checkpoints.path("networks", step))
    with _computing_in(precision):
        generator = build_person_generator(
            config, canvas or config.canvas, semantic="semantic_generator" in prefixes
        )
    wanted: dict[str, dict[str, tf.keras.Model]] = {}
    for name, network in generator.networks().items():
        if name in prefixes:
            wanted.setdefault(prefixes[name], {})[name] = network
    build_from_networks(generator.create_variables, wanted)
    if precision == "bfloat16":
        generator.hold_kernels(tf.bfloat16)
    if isinstance(generator, EnhancedPersonGenerator):
        share = _enhancer_share(config, stage, step)
        generator.alpha = lambda: share
    of_pose_detector = prefixes.get("pose_detector")
    read = functools.partial(_read_pose_detector, config, generator.canvas, of_pose_detector)
    return FinishedRun(config, generator, read, stage, step, precision)


@contextlib.contextmanager
def _computing_in(precision: str) -> Iterator[None]:
    """What networks that are made inside compute in."""
    before = tf.keras.mixed_precision.global_policy()
    tf.keras.mixed_precision.set_global_policy(_POLICIES[precision])
    try:
        yield
    finally:
        tf.keras.mixed_precision.set_global_policy(before)


def _read_pose_detector(
    config: ExperimentConfig, canvas: tuple[int, int], prefix: str | None
) -> tf.keras.Model | None:
    """P; None where none was saved, or it was a finder whose run, which tells what network it is, is gone."""
    if prefix is None:
        return None
    try:
        pose_detector = build_pose_detector(config)
    except RunNotFound as error:
        logging.warning("this run's pose detector is left out: --pose_finder: %s", error)
        return None
    blank = tf.zeros([1, *canvas, 3])
    build_from_networks(lambda: pose_detector(blank), {prefix: {"pose_detector": pose_detector}})
    return pose_detector


def load_half_size_run(run_dir: str) -> FinishedRun:
    """What stage appearance of a run with a local enhancer has learned, at half the canvas."""
    config = read_config(run_dir)
    checkpoints, _ = _newest(run_dir, ("appearance",))
    generator = build_person_generator(config, config.half_canvas, enhanced=False)
    step = checkpoints.whole_step("networks")
    prefix = checkpoints.path("networks", step)
    build_from_networks(generator.create_variables, {prefix: generator.networks()})
    return FinishedRun(config, generator, lambda: None, "appearance", step)


def _newest(run_dir: str, stages: tuple[str, ...]) -> tuple[StageCheckpoints, str]:
    """The checkpoints of the first of these stages that has any, and its name."""
    for stage in stages:
        checkpoints = _checkpoints(run_dir, stage)
        if checkpoints.latest_step():
            return checkpoints, stage
    raise RunNotFound(f"{run_dir}: no checkpoint of stage {' or '.join(stages)}")


def _checkpoints(run_dir: str, stage: str) -> StageCheckpoints:
    return StageCheckpoints(os.path.join(run_dir, "checkpoints", stage))


def _prefixes(run_dir: str, prefix: str) -> dict[str, str]:
    """For each network that the run has saved, the checkpoint to read it from."""
    found = {name: prefix for name in saved_networks(prefix)}
    for name, stage in _STAGES_OF_THEIR_OWN.items():
        checkpoints = _checkpoints(run_dir, stage)
        if name not in found and checkpoints.latest_step():
            found[name] = checkpoints.path("networks", checkpoints.whole_step("networks"))
    return found


def _enhancer_share(config: ExperimentConfig, stage: str, step: int) -> float:
    """alpha of the weights a stage left: before stage enhancer nothing of the enhancer has been learned."""
    if stage == "enhancer":
        return float(fade_in_share(step, config.optimizer.fade_in_steps))
    return 1.0 if stage == "end_to_end" else 0.0
