"""The frames of a sequence: a label map for every pose, evened out over time, and the person drawn on it."""

from __future__ import annotations

import functools
from collections.abc import Callable, Collection, Iterator
from typing import NamedTuple

import numpy as np
import tensorflow as tf

from spt_tf import anatomy
from spt_tf.applications.person_picture import PersonPicture
from spt_tf.inference import FinishedRun
from spt_tf.models import conditioning
from spt_tf.people import Person

# Shares of the frames before, now and after in a frame's label map.
_BLEND = (0.25, 0.5, 0.25)


class Frame(NamedTuple):
    """One picture of a sequence: its number from 0, uint8 `[H,W,3]`, and labels uint8 `[H,W]`."""

    number: int
    image: np.ndarray
    parsing: np.ndarray


def generate_frames(
    run: FinishedRun,
    person: PersonPicture,
    poses: np.ndarray,
    blend_parsings: bool = True,
    done: Collection[int] = (),
    batch_size: int = 8,
) -> Iterator[Frame]:
    """Draws a person in every pose, in order.

    Args:
        run: with semantics and H_S.
        poses: `[T,18,2]` inside the run's canvas, -1 where missing.
        blend_parsings: average the softmax label maps of neighbouring frames before drawing, rather than
            pictures afterwards: outlines stop flickering, textures stay sharp.
        done: numbers of frames that are left out.
    """
    parsings, draw = _traced(run)
    last = len(poses) - 1
    todo = [number for number in range(len(poses)) if number not in set(done)]
    for start in range(0, len(todo), batch_size):
        chunk = todo[start : start + batch_size]
        around = np.array([[max(n - 1, 0), n, min(n + 1, last)] for n in chunk])
        wanted, places = np.unique(around if blend_parsings else around[:, 1:2], return_inverse=True)
        maps = tf.gather(
            parsings(*_repeated(person, len(wanted))[1:], _tensor(poses[wanted])),
            places.reshape(len(chunk), -1),
        )
        shares = tf.constant(_BLEND if blend_parsings else (1.0,))[:, tf.newaxis, tf.newaxis, tf.newaxis]
        blended = tf.reduce_sum(maps * shares, axis=1)
        images = draw(*_repeated(person, len(chunk)), blended, _tensor(poses[chunk]))
        labels = conditioning.parsing_to_labels(blended)
        for number, image, parsing in zip(chunk, images.numpy(), labels.numpy()):
            yield Frame(number, image, parsing)


@functools.lru_cache(maxsize=1)
def _traced(run: FinishedRun) -> tuple[Callable, Callable]:
    """H_S to softmax maps, and H_A on such maps; each traced once for any number of frames."""
    image = tf.TensorSpec([None, *run.canvas, 3], tf.uint8)
    labels = tf.TensorSpec([None, *run.canvas], tf.uint8)
    keypoints = tf.TensorSpec([None, anatomy.NUM_JOINTS, 2], tf.float32)
    maps = tf.TensorSpec([None, *run.canvas, anatomy.NUM_LABELS], tf.float32)

    @tf.function(input_signature=[labels, keypoints, keypoints], autograph=False)
    def parsings(parsing: tf.Tensor, source: tf.Tensor, target: tf.Tensor) -> tf.Tensor:
        return run.generator.transform_parsing(conditioning.labels_to_parsing(parsing), source, target)

    @tf.function(input_signature=[image, labels, keypoints, maps, keypoints], autograph=False)
    def draw(
        picture: tf.Tensor, parsing: tf.Tensor, source: tf.Tensor, target_maps: tf.Tensor, target: tf.Tensor
    ) -> tf.Tensor:
        who = Person(conditioning.image_to_float(picture), conditioning.labels_to_parsing(parsing), source)
        return conditioning.image_to_uint8(run.generator.render(who, target_maps, target))

    return parsings, draw


def _repeated(person: PersonPicture, count: int) -> list[tf.Tensor]:
    return [tf.repeat(tf.convert_to_tensor(array)[tf.newaxis], count, axis=0) for array in person]


def _tensor(poses: np.ndarray) -> tf.Tensor:
    return tf.constant(poses, tf.float32)
