"""What a step of a stage computes: which networks run how often, and what their convolutions take.

The calls are those of the stages' models (`spt_tf.models`); tests/training/test_stage_work.py holds them
against the operators of the steps' own graphs.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator, Mapping
from typing import NamedTuple

import numpy as np
import tensorflow as tf

from spt_tf.config import ExperimentConfig, find_stage
from spt_tf.models import conditioning
from spt_tf.models.enhanced_generator import EnhancedPersonGenerator
from spt_tf.networks.grown_discriminator import GrownDiscriminator
from spt_tf.networks.vgg import LAYERS
from spt_tf.training.build import (
    blank_batch,
    build_discriminator,
    build_person_generator,
    build_pose_detector,
)

# Passes over a network, each about as much work as the first: forward; the gradient that it hands on to its
# input; its weights' gradient. A discriminator's weights get theirs from its own loss, and what it hands on
# comes from the generator's, which is one pass more.
_FORWARD, _PASSED_ON, _TRAINED = 1, 2, 3
_JUDGES_REAL, _JUDGES_GENERATED = 3, 4


class Work(NamedTuple):
    """What convolutions take: multiplications, elements that they write, and how many of them there are."""

    multiplications: float = 0.0
    elements: float = 0.0
    convolutions: float = 0.0

    def plus(self, other: Work, images: float = 1.0, passes: float = 1.0) -> Work:
        """This, and another `passes` times with `images` images each."""
        return Work(
            self.multiplications + images * passes * other.multiplications,
            self.elements + images * passes * other.elements,
            self.convolutions + passes * other.convolutions,
        )


class Networks(NamedTuple):
    """What a call of each network takes forward, for one image; and the networks' sizes.

    forward: at the size that the network works at in the last stage. fading: while a local enhancer fades in,
    where the global network computes what the finished enhancer does without. sizes: elements of the
    variables, by their ids.
    """

    forward: Mapping[str, Work]
    fading: Mapping[str, Work]
    sizes: Mapping[str, Mapping[int, int]]

    def count(self, names: set[str]) -> int:
        """The variables' elements of some networks; what is in two of them counts once."""
        together: dict[int, int] = {}
        for name in names:
            together.update(self.sizes.get(name, {}))
        return sum(together.values())


def look_at_networks(experiment: ExperimentConfig) -> Networks:
    """Makes an experiment's networks and calls them once, on a blank person; takes seconds."""
    person, detector = build_person_generator(experiment, experiment.canvas), build_pose_detector(experiment)
    batch = blank_batch(experiment.canvas)
    source = person.as_input(conditioning.source_person(batch))
    judges = _judges(experiment)

    def call_all() -> None:
        person.transfer_pose(source, batch["target_keypoints"])
        detector(source.image)
        for judge, shape in judges.values():
            judge(tf.zeros([1, *shape]))

    call_all()  # makes the variables
    networks = {**person.networks(), "pose_detector": detector}
    for name, (judge, _) in judges.items():
        networks[name] = judge
        if isinstance(judge, GrownDiscriminator):
            networks["face_discriminator"] = judge.half_size
    with _counting(networks) as forward:
        call_all()
    if isinstance(person, EnhancedPersonGenerator):
        person.alpha = lambda: 0.5
    with _counting(networks) as fading:
        call_all()
    sizes = {
        name: {id(v): v.shape.num_elements() for v in network.variables} for name, network in networks.items()
    }
    features = {"features": _features(experiment), "first_features": _features(experiment, 2)}
    return Networks({**forward, **features}, {**fading, **features}, sizes)


def work_of_a_step(experiment: ExperimentConfig, stage: str, networks: Networks) -> Work:
    """What the networks take in one step of a stage."""
    work, size = Work(), experiment.optimizer.batch_size
    alone = experiment.at_half_size(stage)  # the global network is
    calls = networks.fading if alone or stage == "enhancer" else networks.forward
    for name, passes, share in _calls(experiment, stage):
        work = work.plus(calls.get(name, Work()), share * size, passes)
    return work


def networks_moved(experiment: ExperimentConfig, stage: str) -> set[str]:
    """The networks that a stage trains, of those that the experiment has."""
    supervised = experiment.data.paired and stage == "appearance"
    trains = {"appearance_generator", "pair_discriminator"} if supervised else {*find_stage(stage).trains}
    return _there(experiment, trains)


def networks_held(experiment: ExperimentConfig, stage: str) -> set[str]:
    """The networks in a stage's checkpoints."""
    moved = networks_moved(experiment, stage)
    if stage in ("pose_detector", "semantic"):
        return moved
    frozen = {"semantic_generator", "appearance_generator"}
    return _there(experiment, moved | frozen | (set() if experiment.data.paired else {"pose_detector"}))


def _there(experiment: ExperimentConfig, names: set[str]) -> set[str]:
    """Of some networks those that the experiment has."""
    if not experiment.network.local_enhancer:
        names = names - {"local_enhancer", "grown_face_discriminator"}
    if not experiment.network.semantics:
        names = names - {"semantic_generator", "parsing_discriminator"}
    return names


def _calls(experiment: ExperimentConfig, stage: str) -> Iterator[tuple[str, float, float]]:
    """(network, passes over it in a step, size of what it is given) of a stage's calls; sizes by area."""
    loss, semantics = experiment.loss, experiment.network.semantics
    if stage == "pose_detector":
        yield "pose_detector", _TRAINED, 1.0
        if experiment.network.local_enhancer:
            yield "pose_detector", _TRAINED, 0.25
    elif stage == "semantic":
        yield "semantic_generator", _TRAINED * (1 + bool(loss.lambda_return) + bool(loss.lambda_mirror)), 1.0
        yield "parsing_discriminator", 2 * _JUDGES_GENERATED, 1.0  # both in one call
    elif experiment.data.paired:
        yield "semantic_generator", _FORWARD, 1.0
        yield "appearance_generator", _TRAINED * (1 + bool(loss.lambda_self)), 1.0
        yield "pair_discriminator", _JUDGES_REAL + _JUDGES_GENERATED, 1.0
        yield "first_features", _FORWARD + _PASSED_ON, 1.0
    else:
        painted = 2 + bool(loss.lambda_self)
        if stage == "end_to_end" and semantics:
            yield "semantic_generator", _TRAINED * (2 + bool(loss.lambda_mirror)), 1.0
            yield "parsing_discriminator", 2 * _JUDGES_GENERATED, 1.0
        else:
            yield "semantic_generator", _FORWARD * 2, 1.0
        yield "appearance_generator", (_PASSED_ON if stage == "enhancer" else _TRAINED) * painted, 1.0
        if not experiment.at_half_size(stage):
            yield "local_enhancer", _TRAINED * painted, 1.0
            yield "grown_face_discriminator", _JUDGES_REAL + 2 * _JUDGES_GENERATED, 1.0
        yield "face_discriminator", _JUDGES_REAL + 2 * _JUDGES_GENERATED, 1.0
        size = 0.25 if experiment.at_half_size(stage) else 1.0
        yield "image_discriminator", (1 + semantics) * _JUDGES_REAL + 2 * _JUDGES_GENERATED, size
        yield "pose_detector", 2 * _PASSED_ON, size
        yield "features", _FORWARD + 2 * _PASSED_ON, size


def _judges(experiment: ExperimentConfig) -> dict[str, tuple[tf.keras.Model, tuple[int, int, int]]]:
    """Discriminators by name, each with height, width and channels of what it is given."""
    face = experiment.loss.face_size
    ladder, channels = experiment.network.local_enhancer, 12 if experiment.network.semantics else 3
    judges = {}
    if experiment.data.paired:
        judges["pair_discriminator"] = build_discriminator(experiment), (*experiment.canvas, 42)
    else:
        judges["image_discriminator"] = build_discriminator(experiment), (*experiment.canvas, channels)
    if experiment.network.semantics:
        canvas = experiment.half_canvas if ladder else experiment.canvas
        judges["parsing_discriminator"] = build_discriminator(experiment), (*canvas, 28)
    if experiment.data.paired:
        return judges
    judge = build_discriminator(experiment)
    if ladder:
        judges["grown_face_discriminator"] = GrownDiscriminator(judge), (face, face, 3)
    else:
        judges["face_discriminator"] = judge, (face, face, 3)
    return judges


def _features(experiment: ExperimentConfig, layers: int = len(LAYERS)) -> Work:
    """Of Lambda's first layers: 3x3 convolutions, the first two at the full size and the third at half."""
    work, channels = Work(), 3
    for index, layer in enumerate(LAYERS[:layers]):
        filters = max(1, round(layer.filters * experiment.loss.vgg_width))
        written = experiment.canvas[0] * experiment.canvas[1] // (4 if index == 2 else 1) * filters
        work = work.plus(Work(9.0 * channels * written, written, 1))
        channels = filters
    return work


@contextlib.contextmanager
def _counting(networks: Mapping[str, tf.keras.Model]) -> Iterator[dict[str, Work]]:
    """A dict that gets what every convolution takes that is called inside, by its network's name.

    Of a network within another one the inner's name counts.
    """
    work = dict.fromkeys(networks, Work())
    owners: dict[int, tuple[str, tf.keras.layers.Layer]] = {}
    for name, network in sorted(networks.items(), key=lambda item: -len(item[1].submodules)):
        for layer in network.submodules:
            if hasattr(layer, "kernel"):
                owners[id(layer)] = name, layer
    calls = {key: layer.call for key, (_, layer) in owners.items()}

    def counted(name: str, layer: tf.keras.layers.Layer, call: Callable) -> Callable[[tf.Tensor], tf.Tensor]:
        def counting(given: tf.Tensor) -> tf.Tensor:
            made = call(given)
            places = given if isinstance(layer, tf.keras.layers.Conv2DTranspose) else made
            multiplications = layer.kernel.shape.num_elements() * np.prod(places.shape[:-1])
            work[name] = work[name].plus(Work(multiplications, made.shape.num_elements(), 1))
            return made

        return counting

    for key, (name, layer) in owners.items():
        layer.call = counted(name, layer, calls[key])
    try:
        yield work
    finally:
        for key, (_, layer) in owners.items():
            layer.call = calls[key]
