"""What a step of a stage computes: which networks run how often, and what their convolutions take.

The calls are those of the stages' models (`spt_tf.models`); tests/training/test_stage_work.py holds them
against the operators of the steps' own graphs.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import NamedTuple

import numpy as np
import tensorflow as tf

from spt_tf.config import ExperimentConfig, find_stage
from spt_tf.layers.shapes_alone import Given, shapes_noted
from spt_tf.models.enhanced_generator import EnhancedPersonGenerator
from spt_tf.networks.finder_pose_detector import FinderPoseDetector
from spt_tf.networks.grown_discriminator import GrownDiscriminator
from spt_tf.networks.vgg import LAYERS
from spt_tf.training.build import (
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
    layers' variables, by the layers' ids.
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
    """Of an experiment's networks, none of which is made."""
    person, detector = build_person_generator(experiment, experiment.canvas), build_pose_detector(experiment)
    with shapes_noted() as of_person:
        person.create_variables()
    with person.on_smallest_canvas() as (height, _):
        times = experiment.canvas[0] // height
    given = [Given(layer, (b, h * times, w * times, c)) for layer, (b, h, w, c) in of_person]
    networks: dict[str, tf.keras.Model] = {**person.networks(), "pose_detector": detector}
    with shapes_noted() as of_others:
        detector(tf.zeros([1, *experiment.canvas, 3]))
        for name, (judge, shape) in _judges(experiment).items():
            judge(tf.zeros([1, *shape]))
            networks[name] = judge
            if isinstance(judge, GrownDiscriminator):
                networks["face_discriminator"] = judge.half_size
    given += of_others
    work, sizes = _by_network(networks, given)
    fading = dict(work)
    if isinstance(person, EnhancedPersonGenerator):
        replaced = {id(layer) for layer in person.local_enhancer.replaced}
        work, _ = _by_network(networks, [one for one in given if id(one.layer) not in replaced])
    if isinstance(detector, FinderPoseDetector):
        work["pose_detector"] = fading["pose_detector"] = _work_of_a_graph(detector, experiment.canvas)
        sizes["pose_detector"] = {id(v): v.shape.num_elements() for v in detector.variables}
    features = {"features": _features(experiment), "first_features": _features(experiment, 2)}
    return Networks({**work, **features}, {**fading, **features}, sizes)


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


def _by_network(
    networks: Mapping[str, tf.keras.Model], given: list[Given]
) -> tuple[dict[str, Work], dict[str, dict[int, int]]]:
    """What layers take, by their network's name, and their variables' elements, by the layers' ids.

    Of a network within another one the inner's name counts for what layers take, and both for the elements.
    """
    work, sizes = dict.fromkeys(networks, Work()), {name: dict[int, int]() for name in networks}
    layers = {name: {id(layer) for layer in network.submodules} for name, network in networks.items()}
    for layer, shape in given:
        names = sorted((name for name in networks if id(layer) in layers[name]), key=lambda n: len(layers[n]))
        taken, elements = _of_a_layer(layer, shape)
        work[names[0]] = work[names[0]].plus(taken)
        for name in names:
            sizes[name][id(layer)] = elements
    return work, sizes


def _of_a_layer(layer: tf.keras.layers.Layer, shape: tuple[int, ...]) -> tuple[Work, int]:
    """What a convolution takes of maps of a shape, nothing for other layers; its variables' elements."""
    if not isinstance(layer, tf.keras.layers.Conv2D):
        return Work(), 2  # a normalisation's scale and shift
    made = layer.compute_output_shape(shape)
    places = shape if isinstance(layer, tf.keras.layers.Conv2DTranspose) else made
    kernel = int(np.prod(layer.kernel_size)) * shape[-1] * layer.filters
    work = Work(kernel * float(np.prod(places[:-1])), float(np.prod(made)), 1)
    return work, kernel + layer.filters * bool(layer.use_bias)


def _work_of_a_graph(network: tf.keras.Model, canvas: tuple[int, int]) -> Work:
    """Of a network whose layers do not tell: of the convolutions in its graph for one image."""
    graph = tf.function(network).get_concrete_function(tf.TensorSpec([1, *canvas, 3], tf.float32)).graph
    work = Work()
    for operator in graph.get_operations():
        if operator.type == "Conv2D":
            kernel, made = operator.inputs[1].shape, operator.outputs[0].shape
            multiplications = kernel.num_elements() * float(np.prod(made[:-1].as_list()))
            work = work.plus(Work(multiplications, float(made.num_elements()), 1))
    return work
