"""The pose loss against the authors' numbers and by hand."""

from __future__ import annotations

import numpy as np
import pytest
import tensorflow as tf

from spt_tf.losses.pose import pose_loss
from tests.golden_arrays import golden


def test_loss_is_the_authors():
    arrays = golden("losses.npz")
    loss = pose_loss(arrays["pose_predicted"], arrays["pose_target"])
    np.testing.assert_allclose(loss, arrays["pose_per_image"], rtol=1e-5)
    assert 700 * np.mean(loss) == pytest.approx(float(arrays["pose_weighted"]), rel=1e-5)


def test_mean_square_over_all_heatmaps_of_an_example():
    target = tf.zeros([2, 2, 2, 18])
    predicted = tf.tensor_scatter_nd_update(target, [[0, 1, 1, 4], [1, 0, 0, 0]], [6.0, -1.0])
    np.testing.assert_allclose(pose_loss(predicted, target), [36 / 72, 1 / 72], rtol=1e-6)
