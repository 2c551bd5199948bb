"""A small network that parses images, to judge whether a generated person's parts can be told apart.

It learns from a data directory's training images and their true label maps, apart from any run, and judges
all methods alike: those without a semantic generator too. Its own mIoU on true images is the ceiling.
"""

from __future__ import annotations

import os

import numpy as np
import tensorflow as tf
from absl import logging

from spt_tf.anatomy import NUM_LABELS
from spt_tf.data.people_index import PeopleIndex
from spt_tf.data.pipeline import pair_batches, training_batches
from spt_tf.evaluation import pixels
from spt_tf.evaluation.parser_file import read_parser, write_parser
from spt_tf.models import conditioning

FILTERS = (24, 48, 64)
BATCH_SIZE = 16
LEARNING_RATE = 5e-3
_SEED = 20190616  # runs take 0, 1, 2, ...


def image_parser_network(canvas: tuple[int, int]) -> tf.keras.Model:
    """A U-Net of three sizes, images `[B,H,W,3]` in [-1,1] -> logits `[B,H,W,10]`; H and W multiples of 4."""
    image = tf.keras.Input([*canvas, 3])
    features, skips = image, list[tf.Tensor]()
    for filters in FILTERS:
        if skips:
            features = tf.keras.layers.MaxPooling2D()(features)
        features = _block(features, filters)
        skips.append(features)
    for filters, skip in zip(FILTERS[-2::-1], skips[-2::-1]):
        features = tf.keras.layers.UpSampling2D()(features)
        features = _block(tf.keras.layers.Concatenate()([features, skip]), filters)
    return tf.keras.Model(image, tf.keras.layers.Conv2D(NUM_LABELS, 1)(features))


def _block(features: tf.Tensor, filters: int) -> tf.Tensor:
    for _ in range(2):
        features = tf.keras.layers.Conv2D(filters, 3, padding="same", use_bias=False)(features)
        features = tf.keras.layers.ReLU()(tf.keras.layers.BatchNormalization(momentum=0.9)(features))
    return features


class ImageParser:
    """Images to label maps."""

    def __init__(self, network: tf.keras.Model):
        self._network = network
        self._predict = tf.function(
            lambda images: conditioning.parsing_to_labels(network(images, training=False)),
            reduce_retracing=True,
            autograph=False,
        )

    def __call__(self, images: np.ndarray) -> np.ndarray:
        """uint8 `[B,H,W,3]` -> uint8 label maps `[B,H,W]`."""
        return self._predict(conditioning.image_to_float(tf.constant(images))).numpy()

    def save(self, path: str | os.PathLike, facts: dict[str, object]) -> None:
        """Writes weights and what is to be known of them, canvas included (`parser_file`)."""
        facts = {**facts, "canvas": self._network.input_shape[1:3]}
        write_parser(path, self._network.get_weights(), facts)


def load_image_parser(path: str | os.PathLike, canvas: tuple[int, int]) -> ImageParser:
    """Reads what `ImageParser.save` wrote.

    Raises ValueError for a file that is none, or is for another canvas (height, width) than the given one.
    """
    weights, facts = read_parser(path)
    if tuple(facts["canvas"]) != tuple(canvas):
        raise ValueError(f"{path}: parses images of {facts['canvas']}, these are {list(canvas)}")
    network = image_parser_network(canvas)
    network.set_weights(weights)
    return ImageParser(network)


def train_image_parser(index: PeopleIndex, steps: int) -> ImageParser:
    """Learns images -> labels by cross-entropy from the people of an index, mirrored half of the time."""
    tf.keras.utils.set_random_seed(_SEED)
    network = image_parser_network(index.canvas)
    rate = tf.keras.optimizers.schedules.CosineDecay(LEARNING_RATE, steps)
    network.compile(
        tf.keras.optimizers.Adam(rate, jit_compile=False),
        tf.keras.losses.SparseCategoricalCrossentropy(from_logits=True),
    )
    batches = training_batches(index, None, BATCH_SIZE, seed=_SEED)
    examples = batches.map(lambda batch: (_image(batch), batch["source_parsing"]))
    history = network.fit(examples, epochs=1, steps_per_epoch=steps, verbose=0).history
    logging.info("image parser: mean cross-entropy of %d steps %.4f", steps, history["loss"][0])
    return ImageParser(network)


def _image(batch: dict[str, tf.Tensor]) -> tf.Tensor:
    return conditioning.image_to_float(batch["source_image"])


def miou_of_true_images(parser: ImageParser, index: PeopleIndex, names: list[str]) -> float:
    """The parser's mIoU on true images of an index, all pixels together: the ceiling for generated ones."""
    counts = np.zeros([NUM_LABELS, NUM_LABELS], np.int64)
    for batch in pair_batches(index, [(name, name) for name in names], BATCH_SIZE):
        found = parser(batch["target_image"].numpy())
        counts += pixels.confusion(batch["target_parsing"].numpy(), found).sum(axis=0)
    return float(pixels.mean_iou(counts))
