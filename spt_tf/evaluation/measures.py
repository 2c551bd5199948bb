"""What may be measured of generated images beyond the protocol: LPIPS, joints, texture and more."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import NamedTuple

import numpy as np
import tensorflow as tf

from spt_tf.evaluation.image_parser import ImageParser
from spt_tf.evaluation.inception_features import InceptionFeatures
from spt_tf.evaluation.lpips import Lpips
from spt_tf.evaluation.pckh import keypoints_of_heatmaps
from spt_tf.evaluation.texture import Texture
from spt_tf.models import conditioning

# Batch as arrays (`data.pipeline.pair_batches`), generated uint8 images `[B,H,W,3]` -> keypoints `[B,18,2]`.
JointFinder = Callable[[dict[str, np.ndarray], np.ndarray], np.ndarray]


class Measures(NamedTuple):
    """What is measured; None leaves it out. joints: who looks for them, by method; others have no PCKh."""

    lpips: Lpips | None = None
    joints: Mapping[str, JointFinder] = MappingProxyType({})
    inception: InceptionFeatures | None = None
    texture: Texture | None = None
    image_parser: ImageParser | None = None


def detected_joints(pose_detector: Callable[[tf.Tensor], tf.Tensor]) -> JointFinder:
    """Looks with a pose detector: images `[B,H,W,3]` in [-1, 1] -> heatmaps `[B,H,W,18]`."""
    detect = tf.function(pose_detector, reduce_retracing=True)  # the last batch is smaller

    def find(batch: dict[str, np.ndarray], images: np.ndarray) -> np.ndarray:
        return keypoints_of_heatmaps(detect(conditioning.image_to_float(tf.constant(images))).numpy())

    return find


def annotated_joints(keypoints: Mapping[tuple[str, str], np.ndarray]) -> JointFinder:
    """Takes joints that another tool has found: (source, target) -> `[18,2]`, for every pair."""

    def find(batch: dict[str, np.ndarray], images: np.ndarray) -> np.ndarray:
        names = zip(batch["source_name"].tolist(), batch["target_name"].tolist())
        return np.stack([keypoints[source.decode(), target.decode()] for source, target in names])

    return find
