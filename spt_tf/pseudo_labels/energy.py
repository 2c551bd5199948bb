"""The energy that pseudo-labels minimise, read off the paper's equation (Section 3.1).

What a part costs that only one of the two people shows: its own area. Where the source lacks part j,
B_ps^j is empty, so the candidate's B_p^j (x) S_p stands against zero. Where the candidate lacks it there are
no corners to move the source's part onto; f_j is then the identity, and B_ps^j (x) S_ps stands against zero.
Were the second free, a candidate that shows little of its body would win.
"""

from __future__ import annotations

import tensorflow as tf

from spt_tf import anatomy
from spt_tf.geometry.warp import affine_warp
from spt_tf.pseudo_labels.rigid_parts import rigid_part_masks, rigid_part_transforms


def pair_energy(
    source_parsing: tf.Tensor,
    source_keypoints: tf.Tensor,
    candidate_parsing: tf.Tensor,
    candidate_keypoints: tf.Tensor,
) -> tf.Tensor:
    """sum_j || B_p^j (x) S_p - f_j(B_ps^j (x) S_ps) ||_2^2, in the candidate's frame.

    This is the definition, in whole-canvas operations; `label_energy` computes the same for many pairs.

    Args:
        source_parsing, candidate_parsing: float32 `[B,H,W,10]`, one-hot or softmax (S_ps, S_p).
        source_keypoints, candidate_keypoints: `[B,18,2]`, (y, x) in pixels, -1 where missing.

    Returns:
        float32 `[B]`, in squared differences summed over pixels, labels and parts: 2 for each pixel of a part
        whose label differs.
    """
    if source_parsing.shape[1:] != candidate_parsing.shape[1:]:
        raise ValueError(
            f"parsing maps must share their size: source {source_parsing.shape}, "
            f"candidate {candidate_parsing.shape}"
        )
    canvas = tuple(source_parsing.shape[1:3])
    source_parts = rigid_part_masks(source_keypoints, canvas)
    candidate_parts = rigid_part_masks(candidate_keypoints, canvas)
    transforms = rigid_part_transforms(source_keypoints, candidate_keypoints)
    energy = tf.zeros(tf.shape(source_parsing)[:1])
    for part in range(anatomy.NUM_PARTS):
        source = source_parts[..., part : part + 1] * source_parsing
        candidate = candidate_parts[..., part : part + 1]
        has_place = tf.reduce_any(candidate > 0, axis=[1, 2, 3], keepdims=True)
        placed = tf.where(has_place, affine_warp(source, transforms[:, part]), source)
        energy += tf.reduce_sum((candidate * candidate_parsing - placed) ** 2, axis=[1, 2, 3])
    return energy
