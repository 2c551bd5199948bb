"""Texture and colour of clothes, label by label."""

from __future__ import annotations

import numpy as np
import pytest

from spt_tf.evaluation.metrics.colour_error import colour_error
from spt_tf.evaluation.texture_distance import TextureDistance

CANVAS = (32, 16)


@pytest.fixture
def clothes():
    """Striped upper clothes (3) above plain trousers (4) before a grey background; labels."""
    labels = np.zeros((1, *CANVAS), np.uint8)
    labels[:, 4:16, 4:12], labels[:, 16:28, 4:12] = 3, 4
    image = np.full((1, *CANVAS, 3), 128, np.uint8)
    image[:, 4:16:2, 4:12], image[:, 5:16:2, 4:12] = (200, 40, 40), (40, 40, 200)
    image[:, 16:28, 4:12] = (60, 120, 60)
    return image, labels


def test_colour_error_is_each_label_s_mean_difference(clothes):
    image, labels = clothes
    other = image.copy()
    other[labels == 4] += np.array([30, 0, 60], np.uint8)
    other[labels == 0] = 0  # the background does not count
    np.testing.assert_allclose(colour_error(image, other, labels), [(0 + 30) / 2])
    shuffled = image.copy()
    shuffled[labels == 3] = image[labels == 3][::-1]
    np.testing.assert_allclose(colour_error(image, shuffled, labels), [0])
    assert np.isnan(colour_error(image, other, np.zeros_like(labels))).all()


def test_texture_tells_stripes_from_their_mean_colour(clothes):
    image, labels = clothes
    texture = TextureDistance()
    flat, shifted = image.copy(), image.copy()
    flat[labels == 3] = (120, 40, 120)
    shifted[:, 4:15, 4:12] = image[:, 5:16, 4:12]
    same, plain, moved = (texture(image, other, labels)[0] for other in (image, flat, shifted))
    assert colour_error(image, flat, labels)[0] == 0  # which is why there are two metrics
    assert same == 0 and moved < 0.2 * plain
