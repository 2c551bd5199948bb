"""The pose mask of PG2 (Ma et al., "Pose Guided Person Image Generation"): the body as one solid shape."""

from __future__ import annotations

import functools
import math

import tensorflow as tf

from spt_tf import anatomy
from spt_tf.geometry.joints import joints_present

# The lines between joints along which PG2 draws discs.
LINES = (*anatomy.LIMBS, *anatomy.BODY_OUTLINE)
_CLOSING_REACH = 2  # half the side of the 5x5 square that closes the mask


def pose_mask(keypoints: tf.Tensor, canvas: tuple[int, int], joint_radius: float = 4.0) -> tf.Tensor:
    """Draws discs along the limbs, one radius apart, and closes the gaps with a 5x5 square.

    Args:
        keypoints: `[B,18,2]`, (y, x) in pixels, -1 where missing.
        canvas: (height, width).
        joint_radius: the discs' radius in pixels.

    Returns:
        float32 `[B,H,W,1]` in {0, 1}.
    """
    keypoints = tf.cast(keypoints, tf.float32)
    height, width = canvas
    # Discs are drawn on a canvas with this margin, so that centres just outside still show.
    margin = math.ceil(joint_radius) + 1
    centres = _disc_centres(keypoints, canvas, joint_radius)  # [B, N, 2]
    mask = _plot(centres + margin, (height + 2 * margin, width + 2 * margin))
    mask = _dilate_by_disc(mask, joint_radius)[:, margin:-margin, margin:-margin]
    mask = _dilate_by_square(mask)
    # Eroding is dilating the outside; what lies beyond the canvas counts as inside.
    outside = _dilate_by_square(tf.logical_not(mask))
    return tf.cast(tf.logical_not(outside), tf.float32)[..., tf.newaxis]


def _disc_centres(keypoints: tf.Tensor, canvas: tuple[int, int], radius: float) -> tf.Tensor:
    """Whole-pixel centres of all discs, float32 `[B,N,2]`; those not drawn lie far outside the canvas."""
    starts = tf.gather(keypoints, [a for a, _ in LINES], axis=1)  # [B, 23, 2]
    ends = tf.gather(keypoints, [b for _, b in LINES], axis=1)
    drawn = joints_present(starts) & joints_present(ends)
    most = max(1, math.ceil(math.hypot(*canvas) / radius))
    count = tf.clip_by_value(tf.floor(tf.norm(ends - starts, axis=-1) / radius), 1.0, most)
    step = tf.minimum(tf.range(most + 1, dtype=tf.float32) / count[..., tf.newaxis], 1.0)  # [B, 23, most + 1]
    lines = starts[:, :, tf.newaxis] + (ends - starts)[:, :, tf.newaxis] * step[..., tf.newaxis]
    # PG2 cuts to whole pixels; the little added keeps 3 * (1/3) from becoming 0.
    centres = tf.where(drawn[..., tf.newaxis, tf.newaxis], tf.floor(lines + 1e-4), -1e6)
    return tf.reshape(centres, [-1, len(LINES) * (most + 1), 2])


def _plot(points: tf.Tensor, canvas: tuple[int, int]) -> tf.Tensor:
    """Marks points, float32 `[B,N,2]` of whole numbers, on an empty bool `[B,H,W]`; not those outside."""
    height, width = canvas
    y, x = points[..., 0], points[..., 1]
    inside = (y >= 0) & (y < height) & (x >= 0) & (x < width)
    # Each picture has one place more than it has pixels, for the points outside.
    place = tf.cast(tf.where(inside, y * width + x, height * width), tf.int64)
    batch = tf.shape(points)[0]
    row = tf.cast(tf.range(batch) * (height * width + 1), tf.int64)[:, tf.newaxis]
    size = batch * (height * width + 1)
    hits = tf.math.unsorted_segment_sum(tf.ones_like(y), place + row, size)
    return tf.reshape(tf.reshape(hits, [batch, -1])[:, :-1] > 0, [batch, height, width])


def _dilate_by_disc(mask: tf.Tensor, radius: float) -> tf.Tensor:
    """Every pixel within `radius` of a marked one, bool `[B,H,W]`."""
    half_widths = [math.floor(math.sqrt(radius**2 - dy**2)) for dy in range(math.floor(radius) + 1)]
    reach = half_widths[0]
    wide = _spread(_bordered(mask, 1, reach), 2, reach)
    shifts = [(half, dy) for dy, half in enumerate(half_widths)]
    shifts += [(half, -dy) for half, dy in shifts[1:]]
    return _any([_part(wide[half], 1, reach + dy, mask.shape[1]) for half, dy in shifts])


def _dilate_by_square(mask: tf.Tensor) -> tf.Tensor:
    """Every pixel that the closing square around a marked one covers, bool `[B,H,W]`."""
    for axis in (1, 2):
        mask = _spread(mask, axis, _CLOSING_REACH)[-1]
    return mask


def _spread(mask: tf.Tensor, axis: int, reach: int) -> list[tf.Tensor]:
    """All pixels within 0, 1, ... `reach` of a marked one along an axis, each a mask of the same size."""
    bordered, size, spread = _bordered(mask, axis, reach), mask.shape[axis], [mask]
    for distance in range(1, reach + 1):
        moved = [_part(bordered, axis, reach + shift, size) for shift in (distance, -distance)]
        spread.append(_any([spread[-1], *moved]))
    return spread


def _bordered(mask: tf.Tensor, axis: int, width: int) -> tf.Tensor:
    """The mask with so much that is not marked before and behind it."""
    paddings = [[0, 0], [0, 0], [0, 0]]
    paddings[axis] = [width, width]
    return tf.pad(mask, paddings)


def _part(mask: tf.Tensor, axis: int, start: int, size: int) -> tf.Tensor:
    """A piece of a mask along an axis."""
    begin, sizes = [0, 0, 0], [-1, -1, -1]
    begin[axis], sizes[axis] = start, size
    return tf.slice(mask, begin, sizes)


def _any(masks: list[tf.Tensor]) -> tf.Tensor:
    return functools.reduce(tf.logical_or, masks)
