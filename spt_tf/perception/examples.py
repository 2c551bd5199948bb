"""What the finder learns from: batches of people, from files or drawn, augmented."""

from __future__ import annotations

from collections.abc import Iterator

import tensorflow as tf

from spt_tf.anatomy import NUM_JOINTS
from spt_tf.config.perception import STAGE, PerceptionConfig
from spt_tf.data.people_index import PeopleIndex
from spt_tf.data.pipeline import training_batches
from spt_tf.perception.augmentation import augment, mirror_some
from spt_tf.perception.drawn_people import People, drawn_batches, looked_at_again
from spt_tf.training.optimizers import ConstantThenLinear

# Of a batch of `data.pipeline.training_batches` what the finder learns from.
KEYS = ("source_image", "source_parsing", "source_keypoints")


def perception_batches(
    config: PerceptionConfig,
    people: PeopleIndex | None,
    batch_size: int,
    start_batch: int = 0,
    processes: int = 0,
) -> tf.data.Dataset:
    """An endless data set of batches: dicts of `KEYS`, shapes and types as `training_batches` has them.

    What comes is decided by the configuration and the batch's number alone. people: those of the data
    directory, where there is one. processes: that draw paper dolls; 0: this one.
    """
    options = config.people
    drawn = batch_size if people is None else round(options.dolls * batch_size)
    parts = []
    if drawn:
        parts.append(_drawn(config, drawn, start_batch, processes))
    if batch_size > drawn and people is not None:
        read = batch_size - drawn
        stream = training_batches(people, None, read, options.seed, start_batch * read, options.flip)
        parts.append(stream.map(lambda batch: {key: batch[key] for key in KEYS}))
    numbers = tf.data.Dataset.counter(start_batch)
    final = min(options.augmentation, options.final_augmentation)
    falling = ConstantThenLinear(
        options.augmentation - final, config.finder.steps(STAGE), config.finder.decay_from
    )

    def join(number: tf.Tensor, *batches: dict[str, tf.Tensor]) -> dict[str, tf.Tensor]:
        batch = {key: tf.concat([part[key] for part in batches], axis=0) for key in KEYS}
        seed = tf.stack([tf.constant(options.seed, tf.int64), number])
        return augment(batch, seed, final + falling(number)) if options.augmentation else batch

    stream = tf.data.Dataset.zip((numbers, *parts))
    stream = stream.map(tf.autograph.experimental.do_not_convert(join), tf.data.AUTOTUNE, deterministic=True)
    settings = tf.data.Options()
    # several machines: each makes the same stream and keeps its share of every batch
    settings.experimental_distribute.auto_shard_policy = tf.data.experimental.AutoShardPolicy.DATA
    return stream.prefetch(tf.data.AUTOTUNE).with_options(settings)


def as_dict(people: People) -> dict[str, tf.Tensor]:
    """Drawn people as a batch of `KEYS`."""
    return {key: tf.constant(array) for key, array in zip(KEYS, people)}


def _drawn(config: PerceptionConfig, count: int, start_batch: int, processes: int) -> tf.data.Dataset:
    canvas = config.canvas
    specs = (
        tf.TensorSpec([count, *canvas, 3], tf.uint8),
        tf.TensorSpec([count, *canvas], tf.uint8),
        tf.TensorSpec([count, NUM_JOINTS, 2], tf.float32),
    )
    options = config.people
    fresh = -(-count // options.looks)

    def batches() -> Iterator[People]:
        groups = drawn_batches(options.seed, start_batch * fresh, fresh, canvas, processes)
        return looked_at_again(groups, options.looks, count)

    def turn(number: tf.Tensor, arrays: tuple[tf.Tensor, ...]) -> dict[str, tf.Tensor]:
        batch = dict(zip(KEYS, arrays))
        seed = tf.stack([tf.constant(options.seed, tf.int64), -1 - number])  # not that of its augmentation
        return mirror_some(batch, seed) if options.flip else batch

    stream = tf.data.Dataset.from_generator(batches, output_signature=specs)
    numbers = tf.data.Dataset.counter(start_batch)
    return tf.data.Dataset.zip((numbers, stream)).map(tf.autograph.experimental.do_not_convert(turn))
