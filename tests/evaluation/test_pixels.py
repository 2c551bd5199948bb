import numpy as np
import pytest

from spt_tf.evaluation import pixels
from tests.golden_arrays import metric_golden


@pytest.mark.parametrize("name", ["ssim.npz", "ssim_market.npz", "synthetic.npz"])
def test_l1_equals_the_peers(name):
    arrays = metric_golden(name)
    np.testing.assert_allclose(pixels.l1(arrays["target"], arrays["generated"]), arrays["l1"], atol=1e-12)


def test_l1_and_psnr_by_hand():
    target = np.full((2, 3, 4, 3), 10, np.uint8)
    generated = target.copy()
    generated[0] = 0  # 10 below, where uint8 would wrap
    generated[1, 0] = 40  # a third of the pixels 30 above
    np.testing.assert_allclose(pixels.l1(target, generated), [20 / 255, 20 / 255])
    np.testing.assert_allclose(
        pixels.psnr(target, generated), [20 * np.log10(25.5), 10 * np.log10(255**2 / 300)]
    )
    assert np.isinf(pixels.psnr(target, target)).all()
    generated[1] = 220  # a difference whose square leaves 16 bits
    np.testing.assert_allclose(pixels.psnr(target, generated)[1], 20 * np.log10(255 / 210))
    with pytest.raises(ValueError, match="differ in shape"):
        pixels.l1(target, target[:, :2])


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
