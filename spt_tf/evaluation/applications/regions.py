"""How a label's region of a picture looks, and how far two such looks are apart."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import tensorflow as tf

from spt_tf.anatomy import STYLE_LABELS
from spt_tf.evaluation.texture_distance import TEXTURE_SEED
from spt_tf.losses.style import region_grams
from spt_tf.losses.style_regions import label_regions
from spt_tf.models import conditioning
from spt_tf.networks.vgg import VggFeatures


class Look(NamedTuple):
    """Of a region: the Gram matrix `[C,C]` of its texture, and its mean RGB `[3]`."""

    gram: np.ndarray
    colour: np.ndarray


class RegionTextures:
    """Gram matrices of regions by random filters, for regions of any size.

    Those of L_sty are divided by all pixels of the picture; these by the region's own, so that a garment of A
    is compared with the same cloth covering more or less of B.
    """

    def __init__(self):
        features = VggFeatures(seed=TEXTURE_SEED)

        @tf.function(reduce_retracing=True, autograph=False)
        def grams(image: tf.Tensor, labels: tf.Tensor) -> tf.Tensor:
            found = features(conditioning.image_to_float(image[tf.newaxis]))
            regions = label_regions(conditioning.labels_to_parsing(labels[tf.newaxis]))
            step = regions.masks.shape[1] // found.shape[1]
            pooled = tf.nn.avg_pool2d(regions.masks, step, step, "VALID")
            share = tf.reduce_mean(tf.square(pooled), axis=[1, 2])[..., tf.newaxis, tf.newaxis]
            return (region_grams(found, regions) / tf.maximum(share, 1e-6))[0]

        self._grams = grams

    def __call__(self, image: np.ndarray, parsing: np.ndarray, labels: Sequence[int]) -> list[Look]:
        """How each of the labels looks in a picture uint8 `[H,W,3]` of label map `[H,W]`."""
        grams = self._grams(tf.constant(image), tf.constant(parsing)).numpy()
        return [
            Look(grams[STYLE_LABELS.index(label)], mean_colour(image, parsing == label)) for label in labels
        ]


def texture_distance(first: Look, second: Look) -> float:
    """Mean squared difference of the Gram matrices."""
    return float(np.mean((first.gram - second.gram) ** 2))


def mean_colour(image: np.ndarray, region: np.ndarray) -> np.ndarray:
    """Mean RGB `[3]`, 0..255, of a region, bool `[H,W]`."""
    return image[region].astype(np.float64).mean(axis=0)


def colour_distance(first: Look, second: Look) -> float:
    """Mean absolute difference of the mean colours, 0..255."""
    return float(np.abs(first.colour - second.colour).mean())


def seam(image: np.ndarray, region: np.ndarray) -> float:
    """Mean absolute step, 0..255, between neighbouring pixels on either side of a region's border."""
    pixels = image.astype(np.float64)
    steps = []
    for axis in (0, 1):
        across = np.diff(region.astype(np.int8), axis=axis) != 0
        steps.append(np.abs(np.diff(pixels, axis=axis)).mean(axis=-1)[across])
    return float(np.concatenate(steps).mean()) if sum(map(len, steps)) else float("nan")
