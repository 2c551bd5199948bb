"""A finished run of scripts/train_perception.py behind a few calls: images to parsings and poses."""

from __future__ import annotations

import dataclasses
import functools
import glob
import hashlib
import os
from collections.abc import Callable
from typing import NamedTuple

import tensorflow as tf

from spt_tf.config.perception import STAGE, PerceptionConfig
from spt_tf.data.given_people import Given, as_batch
from spt_tf.geometry.mirror import mirror_image
from spt_tf.models.conditioning import image_to_float
from spt_tf.models.perception import NETWORK
from spt_tf.networks.person_finder import Findings, mirrored_findings, person_finder
from spt_tf.perception.decoding import decode_pose
from spt_tf.training.checkpoints import StageCheckpoints, read_networks
from spt_tf.training.run_directory import RunNotFound, read_config_of


class Found(NamedTuple):
    """A person found in an image; without the axis B where one image was given.

    parsing: uint8 `[B,H,W]`, labels 0..9. confidence: float32 `[B,H,W]` in [0, 1], of each pixel's label.
    keypoints, places, scores: of `FoundPose`.
    """

    parsing: tf.Tensor
    confidence: tf.Tensor
    keypoints: tf.Tensor
    places: tf.Tensor
    scores: tf.Tensor


@dataclasses.dataclass(frozen=True, eq=False)
class PersonFinder:
    """The network of a finished run.

    config: what it was trained with; its canvas is the size that images should have, though it takes any
    whose sides are multiples of 16. step: of the training. flip_test: the mean of what is found in an image
    and in its mirror image, for twice the time.
    """

    config: PerceptionConfig
    network: tf.keras.Model
    step: int
    flip_test: bool = False

    @property
    def canvas(self) -> tuple[int, int]:
        """(height, width) of the images it has learned from."""
        return self.config.canvas

    def findings(self, image: tf.Tensor) -> Findings:
        """The network's logits of float images `[B,H,W,3]` in [-1, 1]."""
        found = Findings(*self.network(image, training=False))
        if not self.flip_test:
            return found
        mirrored = mirrored_findings(Findings(*self.network(mirror_image(image), training=False)))
        return Findings(*((one + other) / 2.0 for one, other in zip(found, mirrored)))

    def look_at(self, image: tf.Tensor) -> Found:
        """What is found in uint8 images `[B,H,W,3]`; for use inside other graphs."""
        found = self.findings(image_to_float(image))
        shares = tf.nn.softmax(found.parsing)
        labels = tf.cast(tf.argmax(shares, axis=-1), tf.uint8)
        return Found(labels, tf.reduce_max(shares, axis=-1), *decode_pose(found))

    def find(self, image: Given) -> Found:
        """What is found in an image or a batch of the canvas's size, arrays, tensors or a file.

        Raises ValueError, OSError as `data.given_people.as_batch`.
        """
        batch, single = as_batch(self.canvas, {"image": image})
        found = self._traced(batch["image"])
        return Found(*(one[0] for one in found)) if single else found

    @functools.cached_property
    def _traced(self) -> Callable[[tf.Tensor], Found]:
        spec = tf.TensorSpec([None, *self.canvas, 3], tf.uint8)
        return tf.function(self.look_at, input_signature=[spec], autograph=False)


def load_finder(run_dir: str | os.PathLike, flip_test: bool = False) -> PersonFinder:
    """The newest weights (averaged, where the run keeps an average) of a run.

    A damaged checkpoint is passed over, for the one before it. Raises RunNotFound, ConfigError or
    UnreadableFile.
    """
    config = read_perception_config(run_dir)
    checkpoints = StageCheckpoints(os.path.join(run_dir, "checkpoints", STAGE))
    step = checkpoints.whole_step("networks")
    if not step:
        raise RunNotFound(f"{os.fspath(run_dir)}: no checkpoint of the finder there yet")
    network = person_finder(config.finder.finder_width)
    read_networks(checkpoints.path("networks", step), {NETWORK: network})
    return PersonFinder(config, network, step, flip_test)


def weights_digest(run_dir: str | os.PathLike) -> str:
    """SHA-256 of the newest weights of a run. Raises as `load_finder`."""
    checkpoints = StageCheckpoints(os.path.join(run_dir, "checkpoints", STAGE))
    step = checkpoints.whole_step("networks")
    if not step:
        raise RunNotFound(f"{os.fspath(run_dir)}: no checkpoint of the finder there yet")
    digest = hashlib.sha256()
    for path in sorted(glob.glob(glob.escape(checkpoints.path("networks", step)) + ".data-*")):
        with open(path, "rb") as file:
            digest.update(file.read())
    return digest.hexdigest()


def read_perception_config(run_dir: str | os.PathLike) -> PerceptionConfig:
    """The configuration of a run; raises RunNotFound where there is none, ConfigError for another kind."""
    return read_config_of(PerceptionConfig, run_dir, "scripts/train_perception.py")
