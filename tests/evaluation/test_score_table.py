"""Scores of a batch by every metric, and their means."""

from __future__ import annotations

import numpy as np
import pytest
import tensorflow as tf

from spt_tf.evaluation import pixels, protocols
from spt_tf.evaluation.metrics.lpips import Lpips
from spt_tf.evaluation.metrics.metric import Output
from spt_tf.evaluation.metrics.pckh import Pckh
from spt_tf.evaluation.score_table import ScoreTable
from tests.evaluation.plans import bare_plan, plain_metrics
from tests.evaluation.sample_pairs import sample_pairs


def _batch():
    pairs = sample_pairs(3)
    labels = np.random.default_rng(0).integers(0, 4, (2, 3, 96, 64)).astype(np.uint8)
    batch = {
        "target_image": pairs["target"],
        "target_parsing": labels[0],
        "target_keypoints": pairs["keypoints"],
    }
    return batch, Output("ours", pairs["generated"], labels[1])


def _score(batch, made, metrics):
    measured = {metric.name: metric.measure(batch, made) for metric in metrics}
    columns = {name: columns for name, columns in measured.items() if columns}
    return ScoreTable((("a.jpg", "b.jpg"),) * len(made.image), metrics, {"ours": columns})


def test_a_batch_gets_every_metric_of_its_protocol():
    batch, made = _batch()
    scores = _score(batch, made, plain_metrics()).scalars("ours")
    expected = protocols.mask_ssim(batch["target_image"], made.image, batch["target_keypoints"], "spt")
    assert scores["mask_ssim"].tolist() == expected.tolist()
    assert list(scores) == ["ssim", "mask_ssim", "l1", "psnr", "parsing_miou"]
    counts = pixels.confusion(batch["target_parsing"], made.parsing)
    assert scores["parsing_miou"][1] == pytest.approx(pixels.mean_iou(counts)[1])
    assert "mask_ssim" not in _score(batch, made, plain_metrics("gfla")).scalars("ours")


def test_what_is_not_measured_is_absent_and_joints_are_pooled():
    batch, made = _batch()
    batch["target_keypoints"][0] = -1  # nobody to find
    predicted = batch["target_keypoints"].copy()
    predicted[1, :4] = -1
    there = (batch["target_keypoints"] >= 0).all(axis=-1)
    pckh = Pckh(bare_plan(pckh=True))
    pckh.open(_Finding(predicted))
    lpips = Lpips(bare_plan())
    lpips._network = lambda target, generated: np.arange(3.0)
    scores = _score(batch, Output("ours", made.image, None), [*plain_metrics(), lpips, pckh])
    assert list(scores.scalars("ours")) == [
        *("ssim", "mask_ssim", "l1", "psnr", "lpips"),
        *("joints_found", "joints_wanted"),
    ]
    means = scores.summarize("ours")
    assert "parsing_miou" not in means and means["lpips"] == 1
    assert means["pckh_wanted"] == there.sum() and there[1, :4].any()
    assert means["pckh"] == (there.sum() - there[1, :4].sum()) / there.sum()
    assert "pckh" not in _score(batch, made, plain_metrics()).summarize("ours")


class _Finding:
    """Stands for a candidate whose pose detector draws given keypoints."""

    methods = ("ours",)

    def __init__(self, keypoints):
        heatmaps = np.zeros((len(keypoints), 96, 64, 18), np.float32)
        for person, joint in np.argwhere((keypoints >= 0).all(axis=-1)):
            heatmaps[(person, *keypoints[person, joint], joint)] = 1
        self.pose_detector = lambda images: tf.constant(heatmaps)


def test_means_tell_what_they_leave_out():
    batch, made = _batch()
    made.image[0] = batch["target_image"][0]  # infinite PSNR
    batch["target_keypoints"][1] = -1  # no mask
    scores = _score(batch, made, plain_metrics())
    means = scores.summarize("ours")
    assert means["pairs"] == 3
    assert means["not_finite"] == {"mask_ssim": 1, "psnr": 1}
    assert means["psnr"] == pytest.approx(np.mean(scores.scalars("ours")["psnr"][1:]))
    counts = pixels.confusion(batch["target_parsing"], made.parsing)
    assert means["parsing_miou"] == pytest.approx(pixels.mean_iou(counts.sum(axis=0)))
    assert means["parsing_miou_per_pair"] == pytest.approx(pixels.mean_iou(counts).mean())


def test_two_metrics_do_not_share_a_number():
    batch, made = _batch()
    with pytest.raises(ValueError, match="metric ssim gives ssim, as another does"):
        _score(batch, made, plain_metrics() + plain_metrics()).summarize("ours")
