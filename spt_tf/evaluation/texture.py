"""Whether clothes have the right texture and colour, label by label, under the true target's parsing.

Gram matrices see what a region looks like and not where exactly, so a texture that is right but a pixel
off is right: what SSIM cannot tell. The features are those of random filters, seeded apart from any training
run's, so no run is judged by the very filters it was trained on.
"""

from __future__ import annotations

import numpy as np
import tensorflow as tf

from spt_tf.anatomy import STYLE_LABELS
from spt_tf.losses.style import gram_distance, region_grams
from spt_tf.losses.style_regions import label_regions
from spt_tf.models import conditioning
from spt_tf.networks.vgg import VggFeatures

TEXTURE_SEED = 20190616  # of the judging filters; runs seed theirs with --seed and the two numbers after it


class Texture:
    """The metrics texture and colour of uint8 images `[B,H,W,3]` under label maps `[B,H,W]` of the truth."""

    def __init__(self):
        features = VggFeatures("random", seed=TEXTURE_SEED)

        @tf.function(reduce_retracing=True)
        def distance(true: tf.Tensor, generated: tf.Tensor, labels: tf.Tensor) -> tf.Tensor:
            regions = label_regions(conditioning.labels_to_parsing(labels))
            grams = [
                region_grams(features(conditioning.image_to_float(images)), regions)
                for images in (true, generated)
            ]
            return gram_distance(*grams, tf.cast(regions.present, tf.float32))

        self._distance = distance

    def distance(self, true: np.ndarray, generated: np.ndarray, labels: np.ndarray) -> np.ndarray:
        """L_sty's distance of the generated image from the true one: float32 `[B]`, 0 for equal images."""
        return self._distance(tf.constant(true), tf.constant(generated), tf.constant(labels)).numpy()


def colour_error(true: np.ndarray, generated: np.ndarray, labels: np.ndarray) -> np.ndarray:
    """How far each label's mean colour is off: float64 `[B]` in 0..255.

    The mean absolute difference over red, green and blue, averaged over the labels of `STYLE_LABELS` that
    the truth has; NaN where it has none.
    """
    regions = labels[..., np.newaxis] == np.array(STYLE_LABELS)  # [B, H, W, 8]
    pixels = regions.sum(axis=(1, 2))
    difference = true.astype(np.float64) - generated
    sums = np.einsum("bhwc,bhwk->bkc", difference, regions)
    errors = np.abs(sums / np.maximum(pixels, 1)[..., np.newaxis]).mean(axis=-1)
    present = (pixels > 0).sum(axis=1)
    return np.where(present > 0, errors.sum(axis=1) / np.maximum(present, 1), np.nan)
