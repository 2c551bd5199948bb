"""The fused Adam is Keras's, and so are its checkpoints."""

from __future__ import annotations

import numpy as np
import tensorflow as tf

from spt_tf.training.fused_adam import FusedAdam

OPTIONS = dict(beta_1=0.5, beta_2=0.99, global_clipnorm=2.0, use_ema=True, ema_momentum=0.9)


def _train(optimizer: tf.keras.optimizers.Optimizer, steps: int = 7) -> list[np.ndarray]:
    """Weights, slots and averages after some compiled steps on gradients of very different sizes."""
    rng = np.random.default_rng(0)
    weights = [tf.Variable(rng.normal(size=shape), dtype=tf.float32) for shape in ((3, 5), (4,))]
    optimizer.build(weights)

    @tf.function
    def step(*gradients: tf.Tensor) -> None:
        optimizer.apply_gradients(zip(gradients, weights))

    for _ in range(steps):
        step(
            *(
                tf.constant(rng.normal(size=w.shape) * 10.0 ** rng.integers(-4, 3), tf.float32)
                for w in weights
            )
        )
    return [v.numpy() for v in (*weights, *optimizer.variables) if v.dtype == tf.float32]


def test_it_is_kerass_adam():
    rate = tf.keras.optimizers.schedules.ExponentialDecay(0.1, 2, 0.5)
    ours = _train(FusedAdam(rate, jit_compile=False, **OPTIONS))
    kerass = _train(tf.keras.optimizers.Adam(rate, jit_compile=False, **OPTIONS))
    assert len(ours) == len(kerass) == 2 + 3 * 2  # weights; two slots and an average of each
    for one, other in zip(ours, kerass):
        np.testing.assert_allclose(one, other, rtol=1e-5, atol=1e-7)


def test_a_checkpoint_of_one_is_a_checkpoint_of_the_other(tmp_path):
    weight = tf.Variable([1.0, 2.0])
    ours, kerass = FusedAdam(0.1), tf.keras.optimizers.Adam(0.1, jit_compile=False)
    for optimizer in (ours, kerass):
        optimizer.build([weight])
    ours.apply_gradients([(tf.constant([1.0, -3.0]), weight)])
    path = tf.train.Checkpoint(optimizer=ours).write(str(tmp_path / "state"))
    tf.train.Checkpoint(optimizer=kerass).read(path).assert_consumed()
    for one, other in zip(ours.variables, kerass.variables):
        np.testing.assert_array_equal(one.numpy(), other.numpy())
