"""A tiny generator with `PersonGenerator`'s three methods, and people to ask it about.

It draws nothing sensible, but every output depends on every input, so a test sees when one is
dropped, swapped or scaled wrongly.
"""

from __future__ import annotations

import numpy as np
import tensorflow as tf

from spt_tf import anatomy

CANVAS = (32, 16)
SIGNATURES = (
    "find_pose",
    "generate_from_parsing",
    "parse_image",
    "serving_default",
    "transfer_pose",
    "transfer_pose_between_photos",
    "transfer_pose_encoded",
    "transfer_pose_from_photo",
    "transfer_texture",
    "transform_parsing",
)


class StandInGenerator(tf.Module):
    """One 3x3 convolution for the parsing and one for the image."""

    def __init__(self, canvas=CANVAS, seed=0):
        super().__init__()
        self.canvas = canvas
        self.predicts_parsing = True
        random = np.random.default_rng(seed)
        self.parsing_kernel = tf.Variable(random.normal(size=(3, 3, 14, 10)), dtype=tf.float32)
        self.image_kernel = tf.Variable(random.normal(size=(3, 3, 27, 3)) / 8, dtype=tf.float32)

    def transform_parsing(self, source_parsing, source_keypoints, target_keypoints):
        inputs = tf.concat([source_parsing, self._pose(source_keypoints), self._pose(target_keypoints)], -1)
        return tf.nn.softmax(tf.nn.conv2d(inputs, self.parsing_kernel, 1, "SAME"))

    def render(self, source, target_parsing, target_keypoints):
        poses = [self._pose(source.keypoints), self._pose(target_keypoints)]
        inputs = tf.concat([source.image, source.parsing, target_parsing, *poses], -1)
        return tf.tanh(tf.nn.conv2d(inputs, self.image_kernel, 1, "SAME"))

    def transfer_pose(self, source, target_keypoints):
        parsing = self.transform_parsing(source.parsing, source.keypoints, target_keypoints)
        return self.render(source, parsing, target_keypoints), parsing

    def traced(self):
        return self

    def _pose(self, keypoints):
        mean = tf.reduce_mean(keypoints, axis=1) / tf.constant(self.canvas, tf.float32)
        return tf.broadcast_to(mean[:, None, None], (tf.shape(mean)[0], *self.canvas, 2))


def random_inputs(batch=1, canvas=CANVAS, seed=0) -> dict[str, np.ndarray]:
    """Inputs of `transfer_pose` for `batch` people, some joints missing."""
    random = np.random.default_rng(seed)
    return {
        "source_image": random.integers(0, 256, (batch, *canvas, 3), dtype=np.uint8),
        "source_parsing": random.integers(0, 10, (batch, *canvas), dtype=np.uint8),
        "source_keypoints": random_keypoints(random, batch, canvas),
        "target_keypoints": random_keypoints(random, batch, canvas),
    }


def random_keypoints(random, batch, canvas) -> np.ndarray:
    """float32 `[batch,18,2]` inside the canvas, every fifth joint missing."""
    keypoints = random.uniform(0, np.array(canvas) - 1, (batch, anatomy.NUM_JOINTS, 2)).astype(np.float32)
    keypoints[:, ::5] = anatomy.MISSING
    return keypoints


def encode_png(array: np.ndarray) -> bytes:
    """uint8 `[H,W]` or `[H,W,3]` to PNG bytes."""
    return tf.io.encode_png(array if array.ndim == 3 else array[..., None]).numpy()


def encoded(inputs: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
    """Inputs of `transfer_pose` as those of `transfer_pose_encoded`."""
    images = np.array([encode_png(image) for image in inputs["source_image"]], object)
    parsings = np.array([encode_png(parsing) for parsing in inputs["source_parsing"]], object)
    return {**inputs, "source_image": images, "source_parsing": parsings}
