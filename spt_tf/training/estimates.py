"""What a run will take: the disk space of checkpoints, and roughly the time of a step.

Networks are made once and called once, before anything is trained. Times hang on the machine, its load and
the kernels: those of steps which have been taken replace them (`plan.Plan.seconds_left`).
"""

from __future__ import annotations

import contextlib
import time
from collections.abc import Callable, Iterable, Iterator
from typing import NamedTuple

import numpy as np
import tensorflow as tf

from spt_tf.config import ExperimentConfig, find_stage
from spt_tf.models import conditioning
from spt_tf.training.build import (
    blank_batch,
    build_discriminator,
    build_person_generator,
    build_pose_detector,
)

_BYTES = 4  # float32
_TIMED_IMAGES, _TIMES = 4, 5
_REACHED = 0.6  # docs/results/train_step.txt
# Forward, backward and update, in forward calls of a network; of one that only hands its gradient on.
_TRAINED, _PASSED_THROUGH = 3.0, 2.5
_CRITICS = 3.5  # D_A, D_F, Lambda and the style loss of a cycle, in forward calls of a generator


class Probe(NamedTuple):
    """What one look at an experiment's networks told.

    sizes: variables' elements by the variables' ids, by network. generator, detector: rough seconds that H_S
    or H_A, and P, take for an image at the full canvas.
    """

    sizes: dict[str, dict[int, int]]
    generator: float
    detector: float

    def count(self, networks: Iterable[str]) -> int:
        """The variables' elements of some networks; what is in two of them counts once."""
        together: dict[int, int] = {}
        for name in networks:
            together.update(self.sizes.get(name, {}))
        return sum(together.values())


def probe(experiment: ExperimentConfig) -> Probe:
    """Makes the networks, counts their multiplications on a blank person, and times one convolution."""
    person, detector = build_person_generator(experiment, experiment.canvas), build_pose_detector(experiment)
    batch = blank_batch(experiment.canvas)
    source = person.as_input(conditioning.source_person(batch))
    person.create_variables()
    detector(source.image)
    networks = {**person.networks(), "pose_detector": detector}
    with _counted_multiplications(networks.values()) as generator:
        person.transfer_pose(source, batch["target_keypoints"])
    with _counted_multiplications([detector]) as detecting:
        detector(source.image)
    sizes = {
        name: {id(v): v.shape.num_elements() for v in network.variables} for name, network in networks.items()
    }
    judge = build_discriminator(experiment)
    judge(tf.zeros([1, *experiment.canvas, 13]))  # a picture and a map; D_S sees a few channels more
    for number, name in enumerate(("parsing", "image", "face", "grown_face", "pair")):
        sizes[f"{name}_discriminator"] = {-1 - number: sum(v.shape.num_elements() for v in judge.variables)}
    calls = 2 if person.predicts_parsing else 1
    seconds = _of_a_multiplication()
    return Probe(sizes, seconds * sum(generator) / calls, seconds * sum(detecting))


def _of_a_multiplication() -> float:
    """Seconds, in networks that reach `_REACHED` of the speed of one large convolution."""
    image, kernel = tf.ones([_TIMED_IMAGES, 64, 64, 64]), tf.ones([3, 3, 64, 64])
    passes = [_seconds(lambda: tf.nn.conv2d(image, kernel, 1, "SAME")) for _ in range(_TIMES + 1)]
    multiplications = _TIMED_IMAGES * 64 * 64 * kernel.shape.num_elements()
    return min(passes) / (multiplications * _REACHED)


def _seconds(call: Callable[[], tf.Tensor]) -> float:
    began = time.perf_counter()
    call().numpy()
    return time.perf_counter() - began


@contextlib.contextmanager
def _counted_multiplications(networks: Iterable[tf.keras.Model]) -> Iterator[list[int]]:
    """A list that gets the multiplications of every convolution called inside."""
    counts: list[int] = []
    layers = {id(one): one for network in networks for one in network.submodules if hasattr(one, "kernel")}
    calls = {key: layer.call for key, layer in layers.items()}

    def counted(layer: tf.keras.layers.Layer, call: Callable[[tf.Tensor], tf.Tensor]) -> Callable:
        def counting(given: tf.Tensor) -> tf.Tensor:
            made = call(given)
            places = given if isinstance(layer, tf.keras.layers.Conv2DTranspose) else made
            counts.append(int(layer.kernel.shape.num_elements() * np.prod(places.shape[:-1])))
            return made

        return counting

    for key, layer in layers.items():
        layer.call = counted(layer, calls[key])
    try:
        yield counts
    finally:
        for key, layer in layers.items():
            layer.call = calls[key]


def seconds_a_step(experiment: ExperimentConfig, stage: str, known: Probe) -> float:
    """A rough guess of one step of a stage."""
    if stage == "pose_detector":
        image = _TRAINED * known.detector * (1.25 if experiment.network.local_enhancer else 1.0)
    elif stage == "semantic":
        image = (_TRAINED + 0.3) * known.generator
    elif experiment.data.paired:
        image = (_TRAINED + _CRITICS / 2) * known.generator
    else:
        trained = 4 if stage == "end_to_end" and experiment.network.semantics else 2
        frozen = (2 if experiment.network.semantics else 0) + 2 - trained if trained < 4 else 0
        image = (_TRAINED * trained + max(frozen, 0) + _CRITICS) * known.generator
        image += 2 * _PASSED_THROUGH * known.detector
    quarter = 0.25 if experiment.at_half_size(stage) else 1.0
    return quarter * image * experiment.optimizer.batch_size


def checkpoint_bytes(experiment: ExperimentConfig, stage: str, known: Probe) -> int:
    """Of one checkpoint of a stage: what training needs to go on, and the networks once more."""
    spec = find_stage(stage)
    if stage == "pose_detector":
        held = {"pose_detector"}
    elif stage == "semantic":
        held = set(spec.trains)
    else:
        held = {*spec.trains, "semantic_generator", "appearance_generator", "pose_detector"}
    if experiment.data.paired:
        held = {"appearance_generator", "pair_discriminator"}
    if not experiment.network.local_enhancer:
        held -= {"local_enhancer", "grown_face_discriminator"}
    if not experiment.network.semantics:
        held -= {"semantic_generator", "parsing_discriminator"}
    moved = held & {*spec.trains, "pair_discriminator"}
    averaged = {name for name in moved if "discriminator" not in name}
    copies = 2 * known.count(held) + 2 * known.count(moved)  # Adam's moments
    if experiment.optimizer.average_decay:
        copies += known.count(averaged)
    return _BYTES * copies
