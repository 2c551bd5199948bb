"""Distance of textures, label by label, under the true target's parsing.

Gram matrices see what a region looks like and not where exactly, so a texture that is right but a pixel
off is right: what SSIM cannot tell. The features are those of random filters, seeded apart from any training
run's, so no run is judged by the very filters it was trained on.
"""

from __future__ import annotations

import numpy as np
import tensorflow as tf

from spt_tf.losses.style import gram_distance, region_grams
from spt_tf.losses.style_regions import label_regions
from spt_tf.models import conditioning
from spt_tf.networks.vgg import VggFeatures

TEXTURE_SEED = 20190616  # of the judging filters; runs seed theirs with --seed and the two numbers after it


class TextureDistance:
    """L_sty's distance of Gram matrices , of random filters of its own."""

    def __init__(self):
        features = VggFeatures(seed=TEXTURE_SEED)

        @tf.function(reduce_retracing=True, autograph=False)
        def distance(true: tf.Tensor, generated: tf.Tensor, labels: tf.Tensor) -> tf.Tensor:
            regions = label_regions(conditioning.labels_to_parsing(labels))
            wanted, found = (
                region_grams(features(conditioning.image_to_float(images)), regions)
                for images in (true, generated)
            )
            return gram_distance(wanted, found, tf.cast(regions.present, tf.float32))

        self._distance = distance

    def __call__(self, true: np.ndarray, generated: np.ndarray, labels: np.ndarray) -> np.ndarray:
        """uint8 `[B,H,W,3]` twice, label maps `[B,H,W]` of the truth -> float32 `[B]`, 0 for equal images."""
        return self._distance(tf.constant(true), tf.constant(generated), tf.constant(labels)).numpy()
