"""Chance for a batch, and textures made of it: what may be behind a person, or in front of one."""

from __future__ import annotations

import tensorflow as tf

_CELLS = (32, 8, 2)  # sides of a texture's grains, in pixels of a picture 64 high


class Chance:
    """Random numbers for the examples of a batch, one draw after the other; the seed decides them all.

    seed: int64 `[2]`. size: int32 scalar, B. rate: how often something happens, a number or a scalar.
    """

    def __init__(self, seed: tf.Tensor, size: tf.Tensor, rate: tf.Tensor | float):
        self._seed, self._size, self._rate, self._draws = seed, size, rate, 0

    def uniform(self, low: float, high: float, shape: list[int] | None = None) -> tf.Tensor:
        """float32 `[B, *shape]` in [low, high)."""
        return tf.random.stateless_uniform(
            [self._size, *(shape or [])], self._next(), low, high, alg="philox"
        )

    def normal(self, shape: list[int]) -> tf.Tensor:
        """float32 `[B, *shape]`, mean 0 and variance 1."""
        return tf.random.stateless_normal([self._size, *shape], self._next(), alg="philox")

    def happens(self, share: float = 1.0) -> tf.Tensor:
        """float32 `[B]`: 1 for `share` times the share `rate` of the examples, else 0."""
        return tf.cast(self.uniform(0.0, 1.0) < share * self._rate, tf.float32)

    def _next(self) -> tf.Tensor:
        self._draws += 1
        # named, so that every machine draws the same
        return tf.random.experimental.stateless_fold_in(self._seed, self._draws, alg="philox")


def random_textures(chance: Chance, canvas: tuple[int, int]) -> tf.Tensor:
    """Pictures of nothing, float32 `[B,H,W,3]` in 0..255: a colour, and grains of three sizes over it."""
    height, width = canvas
    picture = chance.uniform(20.0, 235.0, [1, 1, 3])
    for cell in _CELLS:
        side = max(1, round(cell * height / 64))
        grains = chance.normal([-(-height // side), -(-width // side), 3])
        # mostly light and dark, a little colour
        grains = tf.reduce_mean(grains, axis=-1, keepdims=True) * 1.5 + 0.3 * grains
        hard = tf.image.resize(grains, canvas, "nearest")
        smooth = tf.image.resize(grains, canvas, "bilinear")
        edges, strength = chance.uniform(0.0, 1.0, [1, 1, 1]), chance.uniform(0.0, 1.0, [1, 1, 1])
        picture += 45.0 * strength**2 * tf.where(edges < 0.5, hard, smooth)
    return tf.clip_by_value(picture, 0.0, 255.0)
