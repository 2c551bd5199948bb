"""The Frechet distance, against the peers' value and the general matrix root."""

from __future__ import annotations

import numpy as np
import pytest
import scipy.linalg

from spt_tf.evaluation.frechet import feature_statistics, frechet_distance
from tests.golden_arrays import metric_golden


def test_equals_the_peers():
    arrays = metric_golden("fid.npz")
    a, b = feature_statistics(arrays["feat_a"]), feature_statistics(arrays["feat_b"])
    np.testing.assert_allclose(a[0], arrays["mu_a"], atol=1e-12)
    np.testing.assert_allclose(b[1], arrays["sigma_b"], atol=1e-12)
    assert frechet_distance(*a, *b) == pytest.approx(float(arrays["fid"]), rel=1e-6)
    assert frechet_distance(*a, *a) == pytest.approx(0, abs=1e-6)
    few = [feature_statistics(arrays[name][:40]) for name in ("feat_a", "feat_b")]
    assert frechet_distance(*few[0], *few[1]) == pytest.approx(float(arrays["fid_rankdef"]), rel=1e-6)


def test_equals_the_general_matrix_root():
    random = np.random.default_rng(0)
    a, b = (feature_statistics(random.normal(size=(50, 6)) @ random.normal(size=(6, 6))) for _ in range(2))
    root = scipy.linalg.sqrtm(a[1] @ b[1])
    expected = ((a[0] - b[0]) ** 2).sum() + np.trace(a[1] + b[1] - 2 * root.real)
    assert frechet_distance(*a, *b) == pytest.approx(expected, rel=1e-9)
    with pytest.raises(ValueError, match="at least 2"):
        feature_statistics(np.zeros((1, 6)))
