"""Scores of all generated images together: Inception score, Frechet distance, PCKh."""

from __future__ import annotations

from collections.abc import Callable, Iterable

import numpy as np
import tensorflow as tf

from spt_tf.evaluation import masks
from spt_tf.evaluation.frechet import feature_statistics, frechet_distance
from spt_tf.evaluation.inception_graph import InceptionGraph
from spt_tf.evaluation.inception_score import inception_score
from spt_tf.evaluation.methods import Method
from spt_tf.evaluation.pckh import keypoints_of_heatmaps, pckh
from spt_tf.models import conditioning

INCEPTION_SPLITS = 10


def score_set(
    method: Method,
    batches: Iterable[dict[str, tf.Tensor]],
    pose_detector: Callable[[tf.Tensor], tf.Tensor] | None,
    inception: InceptionGraph | None,
) -> dict[str, float]:
    """Generates every pair and scores the lot.

    Args:
        method: what makes the images.
        batches: `data.pipeline.pair_batches`.
        pose_detector: images `[B,H,W,3]` in [-1, 1] -> heatmaps `[B,H,W,18]`, or None to leave PCKh out.
        inception: the literature's graph, or None to leave its scores out.

    Returns:
        pckh, found and wanted joints; with the graph is_mean, is_std, mask_is_mean, mask_is_std (generated
        images under the target pose's mask, as Deformable GAN) and fid (against the true target images).
    """
    found = wanted = 0
    plain, masked, real = [], [], []
    for batch in batches:
        images = method(batch).image
        keypoints = batch["target_keypoints"].numpy()
        if pose_detector is not None:
            heatmaps = pose_detector(conditioning.image_to_float(images))
            counts = pckh(keypoints, keypoints_of_heatmaps(heatmaps.numpy()))
            found, wanted = found + counts[0], wanted + counts[1]
        if inception is not None:
            drawn = masks.polygon_masks(keypoints, tuple(images.shape[1:3]))[..., None]
            plain.append(inception(images.numpy()))
            masked.append(inception(images.numpy() * drawn).probabilities)
            real.append(inception(batch["target_image"].numpy()).features)
    scores = {} if pose_detector is None else {"pckh_found": found, "pckh_wanted": wanted}
    if wanted:
        scores["pckh"] = found / wanted
    if inception is not None:
        probabilities = np.concatenate([outputs.probabilities for outputs in plain])
        scores["is_mean"], scores["is_std"] = inception_score(probabilities, INCEPTION_SPLITS)
        scores["mask_is_mean"], scores["mask_is_std"] = inception_score(
            np.concatenate(masked), INCEPTION_SPLITS
        )
        generated = feature_statistics(np.concatenate([outputs.features for outputs in plain]))
        scores["fid"] = frechet_distance(*generated, *feature_statistics(np.concatenate(real)))
    return scores
