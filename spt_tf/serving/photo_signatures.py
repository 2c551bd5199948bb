"""What an exported model answers if it has a finder: what is in an image, and transfers from photos."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import tensorflow as tf

from spt_tf import anatomy
from spt_tf.geometry.joints import joints_present
from spt_tf.perception.finder import PersonFinder
from spt_tf.perception.letterbox import keypoints_in_photo
from spt_tf.serving.encoded_images import encode_png
from spt_tf.serving.input_checks import checked_image, checked_keypoints, same_batch
from spt_tf.serving.photos import decode_photos

FIND_POSE = "find_pose"
PARSE_IMAGE = "parse_image"
TRANSFER_POSE_FROM_PHOTO = "transfer_pose_from_photo"
TRANSFER_POSE_BETWEEN_PHOTOS = "transfer_pose_between_photos"

_FEWEST_JOINTS = 4  # of a person who counts as found
_FEWEST_OF_TORSO = 2  # of shoulders and hips: by fewer nobody can be moved

Outputs = dict[str, tf.Tensor]
# source_image, source_parsing, source_keypoints, target_keypoints -> image uint8, parsing uint8.
TransferPose = Callable[[tf.Tensor, tf.Tensor, tf.Tensor, tf.Tensor], Outputs]


class InPhoto(NamedTuple):
    """People found in photos: on the canvas, but for `own`, their keypoints in the photos' own pixels."""

    image: tf.Tensor
    parsing: tf.Tensor
    keypoints: tf.Tensor
    own: tf.Tensor
    scores: tf.Tensor


class PhotoSignatures:
    """Signatures around a finder.

    transfer_pose: `PersonServer.transfer_pose`, or None in a model that predicts no parsing.
    """

    def __init__(self, finder: PersonFinder, transfer_pose: TransferPose | None):
        self._look_at = tf.function(finder.look_at, autograph=False)  # one copy for all signatures
        self._transfer_pose, self._canvas = transfer_pose, finder.canvas

    def trace(self, batch: int | None = None) -> dict:
        """Name -> concrete function. batch: its only size; any by default."""
        image = tf.TensorSpec((batch, *self._canvas, 3), tf.uint8)
        keypoints = tf.TensorSpec((batch, anatomy.NUM_JOINTS, 2), tf.float32)
        photo = tf.TensorSpec((batch,), tf.string)
        calls: dict[str, tuple[Callable[..., Outputs], dict[str, tf.TensorSpec]]] = {
            FIND_POSE: (self.find_pose, {"image": image}),
            PARSE_IMAGE: (self.parse_image, {"image": image}),
        }
        if self._transfer_pose:
            calls |= {
                TRANSFER_POSE_FROM_PHOTO: (
                    self.transfer_pose_from_photo,
                    {"source_photo": photo, "target_keypoints": keypoints},
                ),
                TRANSFER_POSE_BETWEEN_PHOTOS: (
                    self.transfer_pose_between_photos,
                    {"source_photo": photo, "target_photo": photo},
                ),
            }
        return {
            name: tf.function(call, autograph=False).get_concrete_function(**specs)
            for name, (call, specs) in calls.items()
        }

    def find_pose(self, image: tf.Tensor) -> Outputs:
        """Joints of people in images: float32 `keypoints` `[B,18,2]`, -1 missing, and `scores` `[B,18]`."""
        found = self._look_at(checked_image(image, "image", self._canvas))
        return {"keypoints": found.keypoints, "scores": found.scores}

    def parse_image(self, image: tf.Tensor) -> Outputs:
        """Labels of images: `parsing` uint8 `[B,H,W]`; how sure of each, `confidence` float32 `[B,H,W]`."""
        found = self._look_at(checked_image(image, "image", self._canvas))
        return {"parsing": found.parsing, "confidence": found.confidence}

    def transfer_pose_from_photo(self, source_photo: tf.Tensor, target_keypoints: tf.Tensor) -> Outputs:
        """People of photos of any size in given poses.

        source_photo: JPEG or PNG bytes, string `[B]`. target_keypoints: `[B,18,2]` in pixels of the canvas.

        Returns:
            image, parsing: of the generated person, PNG bytes.
            source_keypoints, source_scores, source_parsing: what was found in the photo: joints in its own
            pixels, how sure of each, and its parsing on the canvas as PNG bytes.
        """
        checked = same_batch(
            {
                "source_photo": source_photo,
                "target_keypoints": checked_keypoints(target_keypoints, "target_keypoints", self._canvas),
            }
        )
        source = self._in_photo(checked["source_photo"], "source_photo")
        return self._moved(source, checked["target_keypoints"])

    def transfer_pose_between_photos(self, source_photo: tf.Tensor, target_photo: tf.Tensor) -> Outputs:
        """People of photos in the poses of people in other photos; of those also what was found."""
        checked = same_batch({"source_photo": source_photo, "target_photo": target_photo})
        source, target = (self._in_photo(photo, name) for name, photo in checked.items())
        found = {
            "target_keypoints": target.own,
            "target_scores": target.scores,
            "target_parsing": encode_png(target.parsing[..., tf.newaxis]),
        }
        return {**self._moved(source, target.keypoints), **found}

    def _moved(self, source: InPhoto, target_keypoints: tf.Tensor) -> Outputs:
        assert self._transfer_pose, "traced only where parsings are predicted"
        moved = self._transfer_pose(source.image, source.parsing, source.keypoints, target_keypoints)
        return {
            "image": encode_png(moved["image"]),
            "parsing": encode_png(moved["parsing"][..., tf.newaxis]),
            "source_keypoints": source.own,
            "source_scores": source.scores,
            "source_parsing": encode_png(source.parsing[..., tf.newaxis]),
        }

    def _in_photo(self, photo: tf.Tensor, name: str) -> InPhoto:
        """InvalidArgument where a photo cannot be read, or nobody is found in it who could be moved."""
        image, sizes = decode_photos(photo, name, self._canvas)
        found = self._look_at(image)
        own = keypoints_in_photo(found.keypoints, sizes, self._canvas)
        missing = tf.cast(anatomy.MISSING, tf.float32)
        # what lies beside the photo is no joint
        keypoints = tf.where(joints_present(own)[..., tf.newaxis], found.keypoints, missing)
        return InPhoto(image, found.parsing, _somebody(keypoints, name), own, found.scores)


def _somebody(keypoints: tf.Tensor, name: str) -> tf.Tensor:
    """Keypoints `[B,18,2]` as they are, or InvalidArgument where somebody is not found, or hardly."""
    present = joints_present(keypoints)
    joints = tf.reduce_min(tf.reduce_sum(tf.cast(present, tf.float32), axis=1))
    torso = tf.gather(tf.cast(present, tf.float32), anatomy.TORSO_JOINTS, axis=1)
    of_torso = tf.reduce_min(tf.reduce_sum(torso, axis=1))
    nobody = f"{name}: nobody found; expected one person, whole, filling the photo. Joints found:"
    half = f"{name}: the torso is only half found; its shoulders and hips should be seen. Found of the four:"
    with tf.control_dependencies([tf.debugging.Assert(joints >= _FEWEST_JOINTS, [nobody, joints])]):
        of_torso = tf.identity(of_torso)
    with tf.control_dependencies([tf.debugging.Assert(of_torso >= _FEWEST_OF_TORSO, [half, of_torso])]):
        return tf.identity(keypoints)
