"""The five calls that an exported model answers, from raw inputs to raw outputs.

`transfer_pose` (also `serving_default`), `transfer_pose_encoded`, `transform_parsing`,
`generate_from_parsing` and `transfer_texture`. Each takes what a caller has (an image, a label map,
keypoints) with a dynamic batch; heatmaps, masks and transforms are computed inside.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

import tensorflow as tf

from spt_tf import anatomy
from spt_tf.applications.relight import relit_garments
from spt_tf.models.conditioning import image_to_float, image_to_uint8, labels_to_parsing, parsing_to_labels
from spt_tf.people import Person
from spt_tf.perception.finder import PersonFinder
from spt_tf.serving.encoded_images import decode_images, decode_parsings, encode_png
from spt_tf.serving.input_checks import (
    checked_image,
    checked_keypoints,
    checked_labels,
    checked_parsing,
    same_batch,
)
from spt_tf.serving.photo_signatures import PhotoSignatures
from spt_tf.serving.signature_choice import GENERATE_FROM_PARSING, TRANSFER_POSE

TRANSFER_POSE_ENCODED = "transfer_pose_encoded"
TRANSFORM_PARSING = "transform_parsing"
TRANSFER_TEXTURE = "transfer_texture"
SERVING_DEFAULT = "serving_default"


class PersonServer(tf.Module):
    """A trained generator behind its serving signatures.

    Args:
        generator: what a finished run gives (`spt_tf.models.person_generator.PersonGenerator`): `canvas`,
            `transform_parsing`, `render` and `transfer_pose` on batches in the project's own ranges, and
            `traced`.
        finder: of people in photos, of the same canvas; with it there are `photo_signatures` too.
    """

    def __init__(self, generator: Any, finder: PersonFinder | None = None):
        super().__init__(name="person_server")
        self._canvas = (int(generator.canvas[0]), int(generator.canvas[1]))
        # Hidden so that tf.Module does not track it: saving a Keras model would also save its
        # training-time call functions and metadata. Only the variables the signatures use are kept.
        self._untracked = _Untracked(generator.traced())
        self._predicts_parsing = generator.predicts_parsing
        self._finder = _Untracked(finder)
        self.weights: list[tf.Variable] = []

    def trace(self, batch: int | None = None) -> dict:
        """Traces the signatures, name -> concrete function, and keeps the weights they use.

        A generator without H_S (a run of the authors' weights) answers the two that draw on given parsings,
        `generate_from_parsing` and `transfer_texture`.
        batch: its only size; any by default.
        """
        image = tf.TensorSpec((batch, *self._canvas, 3), tf.uint8)
        parsing = tf.TensorSpec((batch, *self._canvas), tf.uint8)
        keypoints = tf.TensorSpec((batch, anatomy.NUM_JOINTS, 2), tf.float32)
        encoded = tf.TensorSpec((batch,), tf.string)
        poses = {"source_keypoints": keypoints, "target_keypoints": keypoints}
        raw = {"source_image": image, "source_parsing": parsing}
        generate = _concrete(self.generate_from_parsing, {**raw, "target_parsing": parsing, **poses})
        worn = {"target_image": image, "target_parsing": parsing, **poses}
        labels = tf.TensorSpec((batch, anatomy.NUM_LABELS), tf.uint8)
        texture = _concrete(self.transfer_texture, {**raw, **worn, "labels": labels})
        signatures = {SERVING_DEFAULT: generate, GENERATE_FROM_PARSING: generate, TRANSFER_TEXTURE: texture}
        if self._predicts_parsing:
            transfer_pose = _concrete(self.transfer_pose, {**raw, **poses})
            signatures |= {
                SERVING_DEFAULT: transfer_pose,
                TRANSFER_POSE: transfer_pose,
                TRANSFER_POSE_ENCODED: _concrete(
                    self.transfer_pose_encoded, {"source_image": encoded, "source_parsing": encoded, **poses}
                ),
                TRANSFORM_PARSING: _concrete(self.transform_parsing, {"source_parsing": parsing, **poses}),
            }
        if self._finder.value:
            transfer = self.transfer_pose if self._predicts_parsing else None
            signatures |= PhotoSignatures(self._finder.value, transfer).trace(batch)
        self.weights = _unique(v for function in signatures.values() for v in function.variables)
        return signatures

    def transfer_pose(self, source_image, source_parsing, source_keypoints, target_keypoints):
        """The person in the target pose: `image` uint8 `[B,H,W,3]`, `parsing` uint8 `[B,H,W]`."""
        inputs = self._checked(
            source_image=source_image,
            source_parsing=source_parsing,
            source_keypoints=source_keypoints,
            target_keypoints=target_keypoints,
        )
        image, parsing = self._untracked.value.transfer_pose(_person(inputs), inputs["target_keypoints"])
        return {"image": image_to_uint8(image), "parsing": parsing_to_labels(parsing)}

    def transfer_pose_encoded(self, source_image, source_parsing, source_keypoints, target_keypoints):
        """`transfer_pose` on JPEG/PNG bytes, answered in PNG bytes: `image` and `parsing` string `[B]`."""
        outputs = self.transfer_pose(
            decode_images(source_image, "source_image", self._canvas),
            decode_parsings(source_parsing, "source_parsing", self._canvas),
            source_keypoints,
            target_keypoints,
        )
        return {"image": encode_png(outputs["image"]), "parsing": encode_png(outputs["parsing"][..., None])}

    def transform_parsing(self, source_parsing, source_keypoints, target_keypoints):
        """The source's parsing in the target pose: `parsing` uint8 `[B,H,W]`."""
        inputs = self._checked(
            source_parsing=source_parsing,
            source_keypoints=source_keypoints,
            target_keypoints=target_keypoints,
        )
        parsing = self._untracked.value.transform_parsing(
            labels_to_parsing(inputs["source_parsing"]),
            inputs["source_keypoints"],
            inputs["target_keypoints"],
        )
        return {"parsing": parsing_to_labels(parsing)}

    def generate_from_parsing(
        self, source_image, source_parsing, source_keypoints, target_parsing, target_keypoints
    ):
        """The person drawn on the caller's own target parsing: `image` uint8 `[B,H,W,3]`."""
        inputs = self._checked(
            source_image=source_image,
            source_parsing=source_parsing,
            source_keypoints=source_keypoints,
            target_parsing=target_parsing,
            target_keypoints=target_keypoints,
        )
        image = self._untracked.value.render(
            _person(inputs), labels_to_parsing(inputs["target_parsing"]), inputs["target_keypoints"]
        )
        return {"image": image_to_uint8(image)}

    def transfer_texture(
        self,
        source_image,
        source_parsing,
        source_keypoints,
        target_image,
        target_parsing,
        target_keypoints,
        labels,
    ):
        """Garments of the source on the target, in the target's pose and light: `image` uint8 `[B,H,W,3]`.

        labels: uint8 `[B,10]`, 1 for those that are transferred; outside them every pixel is the target's.
        None chosen: the source on the target's whole map, as in the paper.
        """
        inputs = self._checked(
            source_image=source_image,
            source_parsing=source_parsing,
            source_keypoints=source_keypoints,
            target_image=target_image,
            target_parsing=target_parsing,
            target_keypoints=target_keypoints,
        )
        source, target = (labels_to_parsing(inputs[f"{who}_parsing"]) for who in ("source", "target"))
        chosen = checked_labels(labels, {"source_parsing": source, "target_parsing": target})
        drawn = self._untracked.value.render(_person(inputs), target, inputs["target_keypoints"])
        photos = (tf.cast(inputs[f"{who}_image"], tf.float32) for who in ("target", "source"))
        relit = relit_garments((drawn + 1.0) * 127.5, next(photos), target, next(photos), source)
        inside = tf.reduce_sum(target * chosen[:, tf.newaxis, tf.newaxis], axis=-1, keepdims=True) > 0
        everything = tf.reduce_sum(chosen, axis=-1) == 0
        image = tf.where(inside, tf.cast(tf.round(relit), tf.uint8), inputs["target_image"])
        return {"image": tf.where(everything[:, None, None, None], image_to_uint8(drawn), image)}

    def _checked(self, **inputs: tf.Tensor) -> dict[str, tf.Tensor]:
        checks = {"image": checked_image, "parsing": checked_parsing, "keypoints": checked_keypoints}
        return same_batch(
            {name: checks[name.split("_")[1]](value, name, self._canvas) for name, value in inputs.items()}
        )


def input_specs(function: tf.types.experimental.ConcreteFunction) -> dict[str, tf.TensorSpec]:
    """A concrete signature's inputs by name."""
    return {spec.name: spec for spec in tf.nest.flatten(function.structured_input_signature)}


def _person(inputs: dict) -> Person:
    return Person(
        image=image_to_float(inputs["source_image"]),
        parsing=labels_to_parsing(inputs["source_parsing"]),
        keypoints=inputs["source_keypoints"],
    )


def _concrete(method: Callable, specs: dict[str, tf.TensorSpec]) -> tf.types.experimental.ConcreteFunction:
    return tf.function(method, autograph=False).get_concrete_function(**specs)


def _unique(variables: Iterable[tf.Variable]) -> list[tf.Variable]:
    return list({id(variable): variable for variable in variables}.values())


class _Untracked:
    """Holds an object out of tf.Module's sight."""

    def __init__(self, value):
        self.value = value
