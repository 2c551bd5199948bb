"""Joints found within half a head, against the peers' count and by hand."""

from __future__ import annotations

import numpy as np
import pytest

from spt_tf.evaluation.metrics.pckh import joints_found, keypoints_of_heatmaps
from tests.evaluation.sample_pairs import STICK_FIGURE
from tests.golden_arrays import metric_golden


def test_equals_the_peers():
    arrays = metric_golden("pckh.npz")
    found, wanted = joints_found(arrays["target_yx"], arrays["predicted_yx"]).sum(axis=0)
    assert (found, wanted) == (int(arrays["n_correct"]), int(arrays["n_all"]))
    assert found / wanted == pytest.approx(float(arrays["pckh"]))


def test_by_hand():
    # the head box: rows 13..24, columns 25..39, so under 5.5 down and under 7 across
    target = np.stack([STICK_FIGURE] * 4)
    predicted = target.copy()
    predicted[0, 4] += (5, 6)
    predicted[0, 5] += (6, 0)
    predicted[0, 6] += (0, -7)
    predicted[1, 3] = -1
    target[2, 9] = -1
    target[3, [0, 14, 15, 16, 17]] = -1  # a neck alone makes no head
    assert joints_found(target, predicted).tolist() == [[16, 18], [17, 18], [17, 17], [0, 0]]
    with pytest.raises(ValueError, match=r"\[N,18,2\]"):
        joints_found(target, predicted[:2])


def test_keypoints_of_heatmaps():
    heatmaps = np.zeros((2, 8, 5, 18))
    heatmaps[0, 6, 2, 3] = 0.4
    heatmaps[0, 1, 1, 3] = 0.3
    heatmaps[1, 7, 4, 17] = 0.1
    keypoints = keypoints_of_heatmaps(heatmaps)
    assert keypoints[0, 3].tolist() == [6, 2]
    keypoints[0, 3] = -1
    assert (keypoints == -1).all()
