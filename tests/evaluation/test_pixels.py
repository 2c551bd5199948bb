"""Overlaps of label maps, by hand."""

from __future__ import annotations

import numpy as np
import pytest

from spt_tf.evaluation import pixels


def test_mean_iou_by_hand():
    truth = np.array([[[0, 0, 3, 3]], [[0, 1, 1, 1]]])
    predicted = np.array([[[0, 3, 3, 3]], [[0, 1, 1, 2]]])
    counts = pixels.confusion(truth, predicted)
    assert counts.shape == (2, 10, 10) and counts.sum() == 8
    assert counts[0, 0, 3] == 1 and counts[1, 1, 2] == 1
    # pair 0: labels 0 (1/2) and 3 (2/3); pair 1: 0 (1), 1 (2/3), 2 (0)
    np.testing.assert_allclose(pixels.mean_iou(counts), [(1 / 2 + 2 / 3) / 2, (1 + 2 / 3) / 3])
    # together: 0 (2/3), 1 (2/3), 2 (0), 3 (2/3)
    np.testing.assert_allclose(pixels.mean_iou(counts.sum(axis=0)), 2 / 4)
    with pytest.raises(ValueError, match="0 to 9"):
        pixels.confusion(truth, predicted + 8)
    with pytest.raises(ValueError, match="label maps"):
        pixels.confusion(truth, predicted[..., :2])
