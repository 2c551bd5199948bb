"""L1 against the peers' values, L1 and PSNR by hand."""

from __future__ import annotations

import numpy as np
import pytest

from spt_tf.evaluation.metrics.l1 import l1
from spt_tf.evaluation.metrics.psnr import psnr
from tests.golden_arrays import metric_golden


@pytest.mark.parametrize("name", ["ssim.npz", "ssim_market.npz", "synthetic.npz"])
def test_l1_equals_the_peers(name):
    arrays = metric_golden(name)
    np.testing.assert_allclose(l1(arrays["target"], arrays["generated"]), arrays["l1"], atol=1e-12)


def test_l1_and_psnr_by_hand():
    target = np.full((2, 3, 4, 3), 10, np.uint8)
    generated = target.copy()
    generated[0] = 0  # 10 below, where uint8 would wrap
    generated[1, 0] = 40  # a third of the pixels 30 above
    np.testing.assert_allclose(l1(target, generated), [20 / 255, 20 / 255])
    np.testing.assert_allclose(psnr(target, generated), [20 * np.log10(25.5), 10 * np.log10(255**2 / 300)])
    assert np.isinf(psnr(target, target)).all()
    generated[1] = 220  # a difference whose square leaves 16 bits
    np.testing.assert_allclose(psnr(target, generated)[1], 20 * np.log10(255 / 210))
    with pytest.raises(ValueError, match="differ in shape"):
        l1(target, target[:, :2])
