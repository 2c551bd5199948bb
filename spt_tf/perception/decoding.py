"""Maps of where joints may be -> keypoints, to fractions of a pixel, inside the graph."""

from __future__ import annotations

from typing import NamedTuple

import tensorflow as tf

from spt_tf.anatomy import MISSING, NUM_JOINTS
from spt_tf.networks.person_finder import Findings, joint_probabilities

# Of the window about a peak, of the canvas's height: two sigmas of the maps as they are learned.
_REACH = 1 / 16
PRESENT_FROM = 0.5  # a joint whose score is lower counts as missing


class FoundPose(NamedTuple):
    """Joints of a batch of images.

    keypoints: float32 `[B,18,2]`, (y, x) in pixels, -1 where missing. places: the same with the likeliest
    place of the missing ones too. scores: float32 `[B,18]` in [0, 1], how sure it is that each is to be seen.
    """

    keypoints: tf.Tensor
    places: tf.Tensor
    scores: tf.Tensor


def decode_pose(found: Findings) -> FoundPose:
    """What the network found, as keypoints."""
    places, scores = joint_places(joint_probabilities(found.joints)), tf.sigmoid(found.presence)
    present = (scores >= PRESENT_FROM)[..., tf.newaxis]
    return FoundPose(tf.where(present, places, tf.cast(MISSING, tf.float32)), places, scores)


def joint_places(probabilities: tf.Tensor) -> tf.Tensor:
    """The mean of each map in the window about its peak: `[B,H,W,18]`, not negative -> float32 `[B,18,2]`.

    Windows end at the canvas's edge. A mean of the whole map would lie between two limbs that look alike; one
    of a few pixels hardly moves from the peak, whose place is noise as the map is flat there.
    """
    shape = tf.shape(probabilities)
    height, width = shape[1], shape[2]
    flat = tf.reshape(probabilities, [shape[0], -1, NUM_JOINTS])
    # in float32, not in whole numbers, which would be computed on the host
    peak = tf.cast(tf.argmax(flat, axis=1), tf.float32)  # [B, 18]
    row = tf.floor(peak / tf.cast(width, tf.float32))
    column = peak - row * tf.cast(width, tf.float32)
    reach = tf.maximum(_REACH * tf.cast(height, tf.float32), 2.0)
    rows, near_row = _axis(height, row, reach)
    columns, near_column = _axis(width, column, reach)
    # a window is a product of one along y and one along x
    along_y = tf.einsum("byxj,bxj->byj", probabilities, near_column) * near_row  # [B, H, 18]
    along_x = tf.einsum("byxj,byj->bxj", probabilities, near_row) * near_column
    total = tf.maximum(tf.reduce_sum(along_y, axis=1), 1e-30)
    y = tf.reduce_sum(rows * along_y, axis=1) / total
    x = tf.reduce_sum(columns * along_x, axis=1) / total
    return tf.stack([y, x], axis=-1)


def _axis(size: tf.Tensor, peak: tf.Tensor, reach: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
    """Coordinates `[1,N,1]`, and 1 where they are near a peak `[B,18]`, else 0: `[B,N,18]`."""
    places = tf.range(tf.cast(size, tf.float32))[tf.newaxis, :, tf.newaxis]
    return places, tf.cast(tf.abs(places - peak[:, tf.newaxis]) <= reach, tf.float32)
