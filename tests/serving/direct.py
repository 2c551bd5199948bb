"""The stand-in generator asked in Python: what every served answer must equal."""

from __future__ import annotations

import numpy as np
import tensorflow as tf

from spt_tf.models.conditioning import image_to_float, image_to_uint8, labels_to_parsing, parsing_to_labels
from spt_tf.people import Person
from tests.serving.stand_in import StandInGenerator


def drawn(inputs: dict[str, np.ndarray], target_parsing: np.ndarray) -> np.ndarray:
    """Image uint8 `[B,H,W,3]` on given parsings uint8 `[B,H,W]`."""
    image = StandInGenerator().render(
        _source(inputs), labels_to_parsing(target_parsing), tf.constant(inputs["target_keypoints"])
    )
    return image_to_uint8(image).numpy()


def direct(inputs: dict[str, np.ndarray], seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    """Image uint8 `[B,H,W,3]` and parsing uint8 `[B,H,W]` for inputs of `transfer_pose`."""
    image, parsing = StandInGenerator(seed=seed).transfer_pose(
        _source(inputs), tf.constant(inputs["target_keypoints"])
    )
    return image_to_uint8(image).numpy(), parsing_to_labels(parsing).numpy()


def _source(inputs: dict[str, np.ndarray]) -> Person:
    return Person(
        image_to_float(inputs["source_image"]),
        labels_to_parsing(inputs["source_parsing"]),
        tf.constant(inputs["source_keypoints"]),
    )
