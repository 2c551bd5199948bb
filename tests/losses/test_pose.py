from __future__ import annotations

import numpy as np
import tensorflow as tf

from spt_tf.losses.pose import pose_loss


def test_mean_square_over_all_heatmaps_of_an_example():
    target = tf.zeros([2, 2, 2, 18])
    predicted = tf.tensor_scatter_nd_update(target, [[0, 1, 1, 4], [1, 0, 0, 0]], [6.0, -1.0])
    np.testing.assert_allclose(pose_loss(predicted, target), [36 / 72, 1 / 72], rtol=1e-6)
