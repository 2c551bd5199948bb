"""The Inception score, by hand."""

from __future__ import annotations

import numpy as np
import pytest

from spt_tf.evaluation.inception_score import inception_score
from tests.golden_arrays import metric_golden


@pytest.mark.parametrize(
    ("name", "rows", "splits"), [("is", 500, 10), ("is497", 497, 10), ("is_1split", 500, 1)]
)
def test_equals_the_peers(name, rows, splits):
    arrays = metric_golden("inception_score.npz")
    mean, std = inception_score(arrays["probs"][:rows], splits)
    suffix = "" if splits == 1 else "_mean"
    assert mean == pytest.approx(float(arrays[f"{name}{suffix}"]), abs=1e-5)
    assert mean == pytest.approx(float(arrays[f"{name}{suffix}_f64"]), abs=1e-10)
    if splits > 1:
        assert std == pytest.approx(float(arrays[f"{name}_std"]), abs=1e-5)
        assert std == pytest.approx(float(arrays[f"{name}_std_f64"]), abs=1e-10)


def test_by_hand():
    certain = np.eye(4)[[0, 1, 2, 3, 0, 1, 0, 1]]
    # four classes, then two: scores 4 and 2
    assert inception_score(certain, 2) == pytest.approx((3, 1))
    assert inception_score(np.full((10, 7), 1 / 7), 10) == pytest.approx((1, 0))
    with pytest.raises(ValueError, match="10 splits"):
        inception_score(certain)
