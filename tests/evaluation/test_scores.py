import numpy as np
import pytest

from spt_tf.evaluation import pixels, protocols
from spt_tf.evaluation.methods import Generated
from spt_tf.evaluation.score_log import ScoreLog
from spt_tf.evaluation.scores import PairScores, Scores, score_batch, summarize
from tests.evaluation.sample_pairs import sample_pairs


def _batch():
    pairs = sample_pairs(3)
    labels = np.random.default_rng(0).integers(0, 4, (2, 3, 96, 64)).astype(np.uint8)
    batch = {
        "target_image": pairs["target"],
        "target_parsing": labels[0],
        "target_keypoints": pairs["keypoints"],
    }
    return batch, Generated(pairs["generated"], labels[1])


def test_a_batch_gets_every_metric_of_its_protocol():
    batch, made = _batch()
    scores = score_batch(batch, made, "spt")
    expected = protocols.mask_ssim(batch["target_image"], made.image, batch["target_keypoints"], "spt")
    assert [score.values["mask_ssim"] for score in scores] == expected.tolist()
    assert list(scores[0].values) == ["ssim", "mask_ssim", "l1", "psnr", "parsing_miou"]
    counts = pixels.confusion(batch["target_parsing"], made.parsing)
    assert scores[1].values["parsing_miou"] == pytest.approx(pixels.mean_iou(counts)[1])
    assert "mask_ssim" not in score_batch(batch, made, "gfla")[0].values


def test_what_is_not_measured_is_absent_and_joints_are_pooled():
    batch, made = _batch()
    batch["target_keypoints"][0] = -1  # nobody to find
    predicted = batch["target_keypoints"].copy()
    predicted[1, :4] = -1
    there = (batch["target_keypoints"] >= 0).all(axis=-1)
    scores = score_batch(
        batch, Generated(made.image, None), "spt", lambda a, b: np.arange(3.0), keypoints=predicted
    )
    assert list(scores[0].values) == ["ssim", "mask_ssim", "l1", "psnr", "lpips"]
    means = summarize(scores)
    assert "parsing_miou" not in means and means["lpips"] == 1
    assert means["pckh_wanted"] == there.sum() and there[1, :4].any()
    assert means["pckh"] == (there.sum() - there[1, :4].sum()) / there.sum()
    assert "pckh" not in summarize(score_batch(batch, made, "spt"))


def test_means_tell_what_they_leave_out():
    batch, made = _batch()
    made.image[0] = batch["target_image"][0]  # infinite PSNR
    batch["target_keypoints"][1] = -1  # no mask
    scores = score_batch(batch, made, "spt")
    means = summarize(scores)
    assert means["pairs"] == 3
    assert means["not_finite"] == {"mask_ssim": 1, "psnr": 1}
    assert means["psnr"] == pytest.approx(np.mean([score.values["psnr"] for score in scores[1:]]))
    counts = pixels.confusion(batch["target_parsing"], made.parsing)
    assert means["parsing_miou"] == pytest.approx(pixels.mean_iou(counts.sum(axis=0)))
    assert means["parsing_miou_per_pair"] == pytest.approx(pixels.mean_iou(counts).mean())


def test_log_carries_on_behind_half_a_line(tmp_path):
    path = tmp_path / "new" / "scores.jsonl"
    pair = PairScores(
        "a.jpg", "b.jpg", {"ours": Scores({"ssim": 0.1 + 0.2, "psnr": float("inf")}, [1], [2], [], [], [])}
    )
    log = ScoreLog(path, {"step": 3, "weights": ("x",)})
    log.append([pair, pair._replace(source="c.jpg")])
    with open(path, "a") as file:
        file.write('{"source": "d.jpg", "tar')
    again = ScoreLog(path, {"step": 3, "weights": ("x",)})
    assert again.pairs == [pair, pair._replace(source="c.jpg")]
    again.append([pair])
    assert len(ScoreLog(path, {"step": 3, "weights": ("x",)}).pairs) == 3
    assert ScoreLog(path, {"step": 4, "weights": ("x",)}).pairs == []
