"""What can be evaluated: functions from a batch of pairs to people in the target pose."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import tensorflow as tf

from spt_tf import anatomy
from spt_tf.models import conditioning
from spt_tf.models.person_generator import PersonGenerator


class Generated(NamedTuple):
    """What a method makes of a batch.

    image: uint8 `[B,H,W,3]` RGB.
    parsing: uint8 `[B,H,W]`, labels 0..9 of the person in the target pose; None where there are only images.
    """

    image: tf.Tensor
    parsing: tf.Tensor | None


# Takes an element of `data.pipeline.pair_batches`; must not look at the target's image or parsing.
Method = Callable[[dict[str, tf.Tensor]], Generated]


def trained(generator: PersonGenerator) -> Method:
    """The trained generators: S~_pt by H_S, then I~_pt by H_A; without semantics H_A alone."""

    @tf.function(input_signature=[source_and_pose_spec(generator.canvas)])
    def transfer(seen: dict[str, tf.Tensor]) -> Generated:
        image, parsing = generator.transfer_pose(conditioning.source_person(seen), seen["target_keypoints"])
        labels = None if parsing is None else conditioning.parsing_to_labels(parsing)
        return Generated(conditioning.image_to_uint8(image), labels)

    return lambda batch: transfer(source_and_pose(batch))


def image_alone(method: Method) -> Method:
    """The method without its parsing, where the data has none to compare with."""
    return lambda batch: Generated(method(batch).image, None)


def trained_on_true_parsing(generator: PersonGenerator) -> Method:
    """H_A alone, on the target's own parsing: the paper's ablation TS-GT, the only method that may see it."""
    spec = {
        **source_and_pose_spec(generator.canvas),
        "target_parsing": tf.TensorSpec([None, *generator.canvas], tf.uint8),
    }

    @tf.function(input_signature=[spec])
    def render(seen: dict[str, tf.Tensor]) -> Generated:
        parsing = conditioning.labels_to_parsing(seen["target_parsing"])
        image = generator.render(conditioning.source_person(seen), parsing, seen["target_keypoints"])
        return Generated(conditioning.image_to_uint8(image), seen["target_parsing"])

    return lambda batch: render({name: batch[name] for name in spec})


def source_and_pose(batch: dict[str, tf.Tensor]) -> dict[str, tf.Tensor]:
    """What a method may see of a batch."""
    return {name: batch[name] for name in source_and_pose_spec((0, 0))}


def source_and_pose_spec(canvas: tuple[int, int]) -> dict[str, tf.TensorSpec]:
    """Shapes and types of it, for batches of any size: the last one of a data set is smaller."""
    return {
        "source_image": tf.TensorSpec([None, *canvas, 3], tf.uint8),
        "source_parsing": tf.TensorSpec([None, *canvas], tf.uint8),
        "source_keypoints": tf.TensorSpec([None, anatomy.NUM_JOINTS, 2], tf.float32),
        "target_keypoints": tf.TensorSpec([None, anatomy.NUM_JOINTS, 2], tf.float32),
    }
