"""tf.data: a checked index of people -> batches of source and target people.

Batches carry images, label maps and keypoints, nothing derived from them: models compute the rest.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

import numpy as np
import tensorflow as tf

from spt_tf.anatomy import NUM_JOINTS
from spt_tf.data.images import decode_image
from spt_tf.data.images_read_again import NamedBatches
from spt_tf.data.people_index import PeopleIndex
from spt_tf.data.sampling import Sampler
from spt_tf.geometry.mirror import mirror_image, mirror_keypoints, mirror_parsing

_ENDLESS = np.iinfo(np.int64).max


def training_batches(
    index: PeopleIndex,
    pairs: Sequence[tuple[str, str]] | None,
    batch_size: int,
    seed: int,
    start_example: int = 0,
    flip: bool = True,
    with_target_image: bool = False,
    strangers: float = 0.0,
) -> tf.data.Dataset:
    """An endless data set of batches, for training.

    Each element is a dict of
        source_image      uint8 [B, H, W, 3]
        source_parsing    uint8 [B, H, W]
        source_keypoints  float32 [B, 18, 2]
        target_parsing    uint8 [B, H, W]
        target_keypoints  float32 [B, 18, 2]
        target_image      uint8 [B, H, W, 3], if `with_target_image`: only supervised comparisons may see it.
        is_candidate      bool [B], if `strangers`: the target is a candidate, its parsing a pseudo-label

    pairs: (source name, target name); a source's target is one of its candidates, drawn at random. None: the
        target is another person, drawn at random. Every source comes once an epoch, in a new order each.
    batch_size: the global batch; a strategy's `experimental_distribute_dataset` splits it over replicas.
    start_example: where in the stream to begin. What follows is what would have followed without a stop.
    flip: mirror half of the examples. Source and target are mirrored together: a mirrored pair is a pair as
        good as the first, whereas half of one would set a bare left arm against a bare right one.
    strangers: share of the examples, in [0, 1], whose target is anybody in spite of the pairs.

    Raises ValueError as `sampling.Sampler` does. While iterated, an image that was destroyed since it was
    checked is TensorFlow's error, which `images_read_again` puts a name to.
    """
    if batch_size < 1 or start_example < 0:
        raise ValueError(f"batch_size {batch_size} and start_example {start_example} must be positive")
    sampler = Sampler(index, pairs, seed, strangers)
    people = _People(index)

    def read(example: tf.Tensor) -> dict[str, tf.Tensor]:
        drawn = sampler.draw(example)
        pair = people.pair(drawn.source, drawn.target, with_target_image)
        if flip:
            pair = tf.cond(drawn.mirrored, lambda: _mirror(pair, index.canvas[1]), lambda: pair)
        return {**pair, "is_candidate": drawn.is_candidate} if strangers else pair

    examples = tf.data.Dataset.range(start_example, _ENDLESS)
    return _batched(examples, read, batch_size, drop_remainder=True)


def pair_batches(
    index: PeopleIndex, pairs: Sequence[tuple[str, str]], batch_size: int, with_target_image: bool = True
) -> Iterable[dict[str, tf.Tensor]]:
    """Each pair once, in order and unmirrored, the last batch as small as it comes: for evaluation.

    Elements are those of `training_batches`, and source_name and target_name, string [B].
    Raises ValueError when a pair names a person not in the index; while iterated, UnreadableFile for an image
    that was destroyed since it was checked.
    """
    strangers = {name for pair in pairs for name in pair} - index.positions.keys()
    if strangers:
        raise ValueError(f"{len(strangers)} names of the pairs are not in the index: {min(strangers)}, ...")
    places = np.array([[index.positions[name] for name in pair] for pair in pairs], np.int64).reshape(-1, 2)
    people = _People(index)

    def read(place: tf.Tensor) -> dict[str, tf.Tensor]:
        pair = people.pair(place[0], place[1], with_target_image)
        return {
            **pair,
            "source_name": tf.gather(people.names, place[0]),
            "target_name": tf.gather(people.names, place[1]),
        }

    batches = _batched(tf.data.Dataset.from_tensor_slices(places), read, batch_size, drop_remainder=False)
    return NamedBatches(index, batches)


class _People:
    """The index as tensors."""

    def __init__(self, index: PeopleIndex):
        self.names = tf.constant(index.names)
        self._paths = tf.constant(index.image_paths)
        self._keypoints = tf.constant(index.keypoints)
        self._parsings = tf.constant(index.packed_parsings)
        self._canvas = index.canvas

    def pair(self, source: tf.Tensor, target: tf.Tensor, with_target_image: bool) -> dict[str, tf.Tensor]:
        pair = {
            "source_image": self._image(source),
            "source_parsing": self._parsing(source),
            "source_keypoints": tf.ensure_shape(self._keypoints[source], [NUM_JOINTS, 2]),
            "target_parsing": self._parsing(target),
            "target_keypoints": tf.ensure_shape(self._keypoints[target], [NUM_JOINTS, 2]),
        }
        if with_target_image:
            pair["target_image"] = self._image(target)
        return pair

    def _image(self, place: tf.Tensor) -> tf.Tensor:
        image = decode_image(tf.io.read_file(self._paths[place]))
        return tf.ensure_shape(image, [*self._canvas, 3])

    def _parsing(self, place: tf.Tensor) -> tf.Tensor:
        labels = tf.io.decode_raw(tf.io.decode_compressed(self._parsings[place], "ZLIB"), tf.uint8)
        return tf.reshape(labels, self._canvas)


def _mirror(pair: dict[str, tf.Tensor], width: int) -> dict[str, tf.Tensor]:
    mirrors = {
        "image": mirror_image,
        "parsing": mirror_parsing,
        "keypoints": lambda keypoints: mirror_keypoints(keypoints, width),
    }
    return {name: mirrors[name.rpartition("_")[2]](value) for name, value in pair.items()}


def _batched(
    items: tf.data.Dataset, read: Callable, batch_size: int, drop_remainder: bool
) -> tf.data.Dataset:
    options = tf.data.Options()
    # Several machines: each reads the same stream and keeps its share of every batch, so that a global batch
    # is the same whatever the number of machines. (FILE cannot shard a stream of numbers.)
    options.experimental_distribute.auto_shard_policy = tf.data.experimental.AutoShardPolicy.DATA
    options.deterministic = True
    return (
        items.map(
            tf.autograph.experimental.do_not_convert(read),
            num_parallel_calls=tf.data.AUTOTUNE,
            deterministic=True,
        )
        .batch(batch_size, drop_remainder=drop_remainder)
        .prefetch(tf.data.AUTOTUNE)
        .with_options(options)
    )
