"""What no learning at all reaches: the source copied, and the source moved part by part."""

from __future__ import annotations

import functools

import tensorflow as tf

from spt_tf import anatomy
from spt_tf.evaluation.methods import Method, source_and_pose, source_and_pose_spec
from spt_tf.geometry.poses import describe_transfer
from spt_tf.geometry.warp import affine_warp
from spt_tf.inference import Generated
from spt_tf.models import conditioning
from spt_tf.people import PoseTransfer


def copied_source(batch: dict[str, tf.Tensor]) -> Generated:
    """The source image and parsing as they are; see `methods.Method`."""
    return Generated(batch["source_image"], batch["source_parsing"])


def warped_source(batch: dict[str, tf.Tensor]) -> Generated:
    """The source image and parsing, warped by the ten part transforms; see `methods.Method`."""
    return _warper(tuple(batch["source_image"].shape[1:3]))(source_and_pose(batch))


def overlay_parts(maps: tf.Tensor, transfer: PoseTransfer, beyond: tf.Tensor) -> tf.Tensor:
    """Warps maps part by part and lays the parts over each other in the order of `anatomy.BODY_PARTS`.

    The torso's transform moves the whole picture; head and limbs are laid on it where their masks are. The
    maximum of the deformable skip is made for features: of colours it would keep the brightest.

    Args:
        maps: float32 `[B,H,W,C]` of the source.
        transfer: transforms and target part masks on this canvas.
        beyond: `[B,H,W,C]`, what shows where the torso's transform reads from outside the source.

    Returns:
        float32 `[B,H,W,C]`.
    """
    # A further channel of ones says how much of a pixel was read from inside the source.
    solid = tf.concat([maps, tf.ones_like(maps[..., :1])], axis=-1)
    result = beyond
    for part in range(anatomy.NUM_PARTS):
        mask = transfer.part_masks[..., part : part + 1]
        moved = affine_warp(solid, transfer.transforms[:, part]) * mask
        result = result * (1.0 - moved[..., -1:]) + moved[..., :-1]
    return result


@functools.lru_cache(maxsize=4)
def _warper(canvas: tuple[int, int]) -> Method:
    @tf.function(input_signature=[source_and_pose_spec(canvas)], autograph=False)
    def warp(given: dict[str, tf.Tensor]) -> Generated:
        source = conditioning.source_person(given)
        transfer = describe_transfer(source.keypoints, given["target_keypoints"], canvas)
        background = tf.one_hot(tf.zeros_like(given["source_parsing"]), anatomy.NUM_LABELS)
        moved = overlay_parts(
            tf.concat([source.image, source.parsing], axis=-1),
            transfer,
            beyond=tf.concat([source.image, background], axis=-1),
        )
        return Generated(
            conditioning.image_to_uint8(moved[..., :3]), conditioning.parsing_to_labels(moved[..., 3:])
        )

    return warp
