"""The adversarial losses L_adv: of parsing, image and face alike (method.md, Appearance losses)."""

from __future__ import annotations

import tensorflow as tf

from spt_tf.losses.reduction import per_example_mean

KINDS = ("least_squares", "log")


def discriminator_loss(
    real_logits: tf.Tensor, fake_logits: tf.Tensor, kind: str = "least_squares"
) -> tf.Tensor:
    """A discriminator's loss: real towards 1, fake towards 0, halved. `[B,...] -> [B]` float32.

    kind: "least_squares" (the authors' code) or "log" (the paper's form, on logits).
    """
    return 0.5 * (_distance(real_logits, True, kind) + _distance(fake_logits, False, kind))


def generator_loss(fake_logits: tf.Tensor, kind: str = "least_squares") -> tf.Tensor:
    """A generator's loss: fake towards 1 (not saturating). `[B,...] -> [B]` float32."""
    return _distance(fake_logits, True, kind)


def _distance(logits: tf.Tensor, is_real: bool, kind: str) -> tf.Tensor:
    logits = tf.cast(logits, tf.float32)
    if kind == "least_squares":
        return per_example_mean(tf.square(logits - float(is_real)))
    if kind == "log":
        return per_example_mean(tf.nn.softplus(-logits if is_real else logits))
    raise ValueError(f"kind must be one of {KINDS}, got {kind!r}")
