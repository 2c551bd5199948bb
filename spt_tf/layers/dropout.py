"""Dropout of whole channels, which depends on an example's place in the global batch and on no other."""

from __future__ import annotations

from typing import NamedTuple

import tensorflow as tf


class DropoutSeed(NamedTuple):
    """What decides which units are dropped.

    seed: of the run. draw: which of the step's draws this is. Python integers in [0, 2**32).
    step, first_example: int64 scalars; the latter is the place of the batch's first example in the global
        batch, so that two replicas drop together what one would, and a resumed run drops what it would have.
    """

    seed: int
    step: tf.Tensor | int = 0
    first_example: tf.Tensor | int = 0
    draw: int = 0

    def split(self, count: int) -> list[DropoutSeed]:
        """Seeds of independent draws, `count` of them; those of two seeds differ if both were split alike."""
        return [self._replace(draw=self.draw * count + index) for index in range(count)]


def channel_dropout(features: tf.Tensor, rate: float, seed: DropoutSeed) -> tf.Tensor:
    """Drops whole channels with probability `rate` and scales up the rest (the authors' Dropout2d).

    A pure function of its arguments: `[B,H,W,C]` -> the same shape and type.
    """
    channels = features.shape[-1]
    # Philox (Salmon et al. 2011) makes four numbers of a key (run and draw) and a counter (step and example):
    # one operator draws for the whole batch, and a GPU's host has no part in it.
    blocks = -(-channels // 4)
    noise = tf.raw_ops.StatelessRandomUniformV2(
        shape=[tf.shape(features)[0], 4 * blocks],
        key=tf.constant([seed.seed << 32 | seed.draw], tf.uint64),
        counter=tf.cast(tf.stack([blocks * tf.cast(seed.first_example, tf.int64), seed.step]), tf.uint64),
        alg=tf.random.Algorithm.PHILOX.value,
    )
    kept = tf.cast(noise[:, :channels] >= rate, features.dtype) / (1.0 - rate)
    return features * kept[:, tf.newaxis, tf.newaxis, :]
