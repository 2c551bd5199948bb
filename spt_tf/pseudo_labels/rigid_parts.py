"""The ten rigid parts as the pseudo-label energy compares them: their masks B^j and the maps f_j.

They are the deformable skip's parts but for the torso, which is the quadrilateral of shoulders and hips:
the skip's is the whole picture, which would compare backgrounds. And every map is fitted to the corners of
the two masks, as the paper says, so a head's square goes onto the other head's square: the skip follows eyes
and ears, which a front and a back view do not share.
"""

from __future__ import annotations

import tensorflow as tf

from spt_tf.geometry.body_parts import MASK_REACH, head_box, limb_frames, part_masks
from spt_tf.geometry.joints import joints_present

# A canvas so large, and a shift so far from its edges, that no head's square is cut.
_WIDE = (8192, 8192)
_SHIFT = 4096.0
# Around the torso, right shoulder first.
_TORSO_OUTLINE = (2, 5, 11, 8)


def rigid_part_masks(keypoints: tf.Tensor, canvas: tuple[int, int]) -> tf.Tensor:
    """Where each rigid part is, B^j of the paper's Section 3.1.

    Args:
        keypoints: `[B,18,2]`, (y, x) in pixels, -1 where missing.
        canvas: (height, width).

    Returns:
        float32 `[B,H,W,10]` in {0, 1}, ordered as `anatomy.BODY_PARTS`; all zeros for a part that is missing.
    """
    keypoints = tf.cast(keypoints, tf.float32)
    return tf.concat([_torso_mask(keypoints, canvas), part_masks(keypoints, canvas)[..., 1:]], axis=-1)


def rigid_part_transforms(source_keypoints: tf.Tensor, candidate_keypoints: tf.Tensor) -> tf.Tensor:
    """The affine maps f_j, least-squares fits of the corners of the two masks.

    They are exact but for the torso, whose four corners are no parallelogram.

    Args:
        source_keypoints, candidate_keypoints: `[B,18,2]`, (y, x) in pixels, -1 where missing.

    Returns:
        float32 `[B,10,8]` in the convention of `geometry.affine`: candidate pixel -> source pixel. It means
        something only for parts that both have.
    """
    source, candidate = (rigid_part_outlines(v) for v in (source_keypoints, candidate_keypoints))
    means = [tf.reduce_mean(v, axis=2) for v in (source, candidate)]
    source, candidate = source - means[0][:, :, tf.newaxis], candidate - means[1][:, :, tf.newaxis]
    # Written out, because products of 2 x 2 matrices by the thousand are slow: linear = cross / scatter.
    yy, yx, xx = (
        tf.reduce_sum(candidate[..., a] * candidate[..., b], 2) for a, b in ((0, 0), (0, 1), (1, 1))
    )
    determinant = yy * xx - yx * yx

    def row(axis: int) -> list[tf.Tensor]:
        """Coefficients of x, y and 1 that give one coordinate of the source."""
        with_y, with_x = (tf.reduce_sum(source[..., axis] * candidate[..., k], axis=2) for k in (0, 1))
        of_y = tf.math.divide_no_nan(with_y * xx - with_x * yx, determinant)
        of_x = tf.math.divide_no_nan(with_x * yy - with_y * yx, determinant)
        return [of_x, of_y, means[0][..., axis] - of_y * means[1][..., 0] - of_x * means[1][..., 1]]

    zero = tf.zeros_like(determinant)
    return tf.stack([*row(1), *row(0), zero, zero], axis=-1)


def rigid_part_outlines(keypoints: tf.Tensor) -> tf.Tensor:
    """The corners of each part, in order around it, not cut to any canvas.

    Args:
        keypoints: `[B,18,2]`, (y, x) in pixels, -1 where missing.

    Returns:
        float32 `[B,10,4,2]`, (y, x); no pixel of a part lies outside. Without meaning for a missing part.
    """
    keypoints = tf.cast(keypoints, tf.float32)
    torso = tf.gather(keypoints, _TORSO_OUTLINE, axis=1)
    low, high = _head_square(keypoints)
    head = tf.stack(
        [low, tf.stack([low[:, 0], high[:, 1]], 1), high, tf.stack([high[:, 0], low[:, 1]], 1)], 1
    )
    near, along, across, _ = limb_frames(keypoints, MASK_REACH)
    far = near + along
    limbs = tf.stack([near - across, near + across, far + across, far - across], axis=2)
    return tf.concat([torso[:, tf.newaxis], head[:, tf.newaxis], limbs], axis=1)


def _torso_mask(keypoints: tf.Tensor, canvas: tuple[int, int]) -> tf.Tensor:
    """Pixels inside the outline by the even-odd rule, `[B,H,W,1]`."""
    height, width = canvas
    rows = tf.range(height, dtype=tf.float32)[tf.newaxis, :]  # [1, H]
    columns = tf.range(width, dtype=tf.float32)[tf.newaxis, tf.newaxis, :]  # [1, 1, W]
    corners = tf.gather(keypoints, _TORSO_OUTLINE, axis=1)  # [B, 4, 2]
    inside = tf.zeros([tf.shape(keypoints)[0], height, width], tf.bool)
    for start, end in zip(range(4), (1, 2, 3, 0)):
        y0, x0, y1, x1 = (corners[:, i, k][:, tf.newaxis] for i in (start, end) for k in (0, 1))
        crosses = (y0 > rows) != (y1 > rows)  # [B, H]
        at = x0 + (x1 - x0) * tf.math.divide_no_nan(rows - y0, y1 - y0)
        inside = inside ^ (crosses[..., tf.newaxis] & (columns < at[..., tf.newaxis]))
    complete = tf.reduce_all(joints_present(corners), axis=1)
    return tf.cast(inside & complete[:, tf.newaxis, tf.newaxis], tf.float32)[..., tf.newaxis]


def _head_square(keypoints: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
    """Two opposite corners of the head's square, (y, x) `[B,2]` each."""
    # Moved away from the canvas's edge, where squares are cut.
    moved = tf.where(joints_present(keypoints)[..., tf.newaxis], keypoints + _SHIFT, keypoints)
    low, high = head_box(moved, _WIDE)
    # From whole pixels, high exclusive, to their outer edges; pixel centres are at integers.
    return low - _SHIFT - 0.5, high - _SHIFT - 0.5
