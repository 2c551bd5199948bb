"""Which people make up training example number n: a pure function of (seed, n)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import tensorflow as tf

from spt_tf.data.people_index import PeopleIndex


class Drawn(NamedTuple):
    """Places in the index, int64 scalars; then two bool scalars.

    mirrored: the coin for mirroring. is_candidate: the target is one of the source's candidates.
    """

    source: tf.Tensor
    target: tf.Tensor
    mirrored: tf.Tensor
    is_candidate: tf.Tensor


class Sampler:
    """Draws example n of an endless stream of epochs, in each of which every source comes once.

    With pairs, the sources are the people who stand first in one, and the target is one of a source's
    candidates; without, everybody is a source, and the target is anybody else. Nothing is kept between draws,
    so a run that stopped carries on by counting from where it was.
    """

    def __init__(
        self,
        index: PeopleIndex,
        pairs: Sequence[tuple[str, str]] | None,
        seed: int,
        strangers: float = 0.0,
    ):
        """strangers: share of the examples whose target is anybody else all the same, in [0, 1].

        Raises ValueError when there is nobody to pair with, or a pair names a person not in the index.
        """
        self._strangers = strangers
        self._seed = tf.constant(seed, tf.int64)
        self._num_people = len(index)
        self._paired = pairs is not None
        if pairs is None:
            if len(index) < 2:
                raise ValueError("a random target needs at least two people")
            sources = np.arange(len(index))
        else:
            candidates: dict[int, list[int]] = {}
            for names in pairs:
                unknown = [name for name in names if name not in index.positions]
                if unknown:
                    raise ValueError(f"pair {names} names {unknown[0]}, who is not in the index")
                source, target = (index.positions[name] for name in names)
                candidates.setdefault(source, []).append(target)
            if not candidates:
                raise ValueError("there are no pairs to draw from")
            sources = np.array(sorted(candidates))
            in_order = [candidates[source] for source in sources]
            self._candidates = tf.constant(np.concatenate(in_order), tf.int64)
            # Source i's candidates stand from starts[i] to starts[i + 1].
            self._starts = tf.constant(np.cumsum([0, *map(len, in_order)]), tf.int64)
        self.num_sources = len(sources)
        self._sources = tf.constant(sources, tf.int64)

    def draw(self, example: tf.Tensor) -> Drawn:
        """Draws example number `example`, an int64 scalar."""
        epoch, step = example // self.num_sources, example % self.num_sources
        turn = tf.random.experimental.index_shuffle(
            step, tf.stack([self._seed, epoch]), tf.constant(self.num_sources - 1, tf.int64)
        )
        source = self._sources[turn]
        seeds = tf.random.experimental.stateless_split(tf.stack([self._seed, example]), 2, alg="philox")
        is_candidate = tf.constant(self._paired)
        if self._paired:
            first, end = self._starts[turn], self._starts[turn + 1]
            target = self._candidates[first + _uniform(seeds[0], end - first)]
        else:
            target = self._anybody_but(source, seeds[0])
        if self._paired and self._strangers:
            more = tf.random.experimental.stateless_split(seeds[1], 2, alg="philox")
            is_candidate = tf.random.stateless_uniform([], more[0], alg="philox") >= self._strangers
            target = tf.where(is_candidate, target, self._anybody_but(source, more[1]))
        return Drawn(source, target, _uniform(seeds[1], tf.constant(2, tf.int64)) == 1, is_candidate)

    def _anybody_but(self, source: tf.Tensor, seed: tf.Tensor) -> tf.Tensor:
        target = _uniform(seed, tf.constant(self._num_people - 1, tf.int64))
        return target + tf.cast(target >= source, tf.int64)  # step over the source


def _uniform(seed: tf.Tensor, below: tf.Tensor) -> tf.Tensor:
    """A whole number from 0 to below - 1; the algorithm is named so that every machine draws the same."""
    return tf.random.stateless_uniform([], seed, 0, below, tf.int64, alg="philox")
