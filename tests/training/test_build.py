"""Networks as the configuration asks for them."""

from __future__ import annotations

import numpy as np

from spt_tf.training.build import build_appearance_critic
from tests.tiny import CANVAS, tiny_experiment


def test_every_seed_has_the_same_random_filters():
    images = np.random.default_rng(0).uniform(-1, 1, [1, *CANVAS, 3]).astype(np.float32)
    critics = [build_appearance_critic(tiny_experiment(seed=seed), "appearance") for seed in (0, 1)]
    np.testing.assert_array_equal(*(critic.features(images) for critic in critics))
