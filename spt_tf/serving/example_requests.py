"""A valid request for each signature of a model: what an exported version is warmed up with."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import tensorflow as tf
from absl import logging
from tensorflow_serving.apis import predict_pb2

from spt_tf import anatomy
from spt_tf.perception.drawn_people import draw_held_out
from spt_tf.serving.signatures import input_specs

# A person standing upright, joint by joint: (y, x) in fractions of the canvas.
_STANDING = (
    *(
        (0.12, 0.50),
        (0.22, 0.50),
        (0.23, 0.38),
        (0.36, 0.34),
        (0.48, 0.33),
        (0.23, 0.62),
        (0.36, 0.66),
        (0.48, 0.67),
    ),
    *((0.50, 0.43), (0.70, 0.43), (0.90, 0.43), (0.50, 0.57), (0.70, 0.57), (0.90, 0.57)),
    *((0.10, 0.47), (0.10, 0.53), (0.11, 0.44), (0.11, 0.56)),
)
_DOLLS_TRIED = 8


def example_inputs(canvas: tuple[int, int], encoded: bool = False) -> dict[str, np.ndarray]:
    """Valid inputs, batch 1, of any signature for a model of this canvas, by input name."""
    keypoints = np.floor(np.array(_STANDING, np.float32) * np.array(canvas, np.float32))[None]
    image = np.full((*canvas, 3), 127, np.uint8)
    parsing = np.zeros(canvas, np.uint8)
    height, width = canvas
    parsing[height // 5 : height // 2, width // 3 : 2 * width // 3] = anatomy.LABEL["upper_clothes"]
    if encoded:
        image = tf.io.encode_png(image).numpy()
        parsing = tf.io.encode_png(parsing[..., None]).numpy()
    images, parsings = np.array([image]), np.array([parsing])
    return {
        "source_image": images,
        "source_parsing": parsings,
        "source_keypoints": keypoints,
        "target_image": images,
        "target_parsing": parsings,
        "target_keypoints": keypoints,
        "image": images,
        "labels": tf.one_hot([anatomy.LABEL["upper_clothes"]], anatomy.NUM_LABELS, dtype=tf.uint8).numpy(),
    }


def example_requests(
    signatures: dict, canvas: tuple[int, int], model_name: str
) -> Iterator[predict_pb2.PredictRequest]:
    """One request for each of `signatures` (name -> concrete function), batch 1.

    A model whose finder finds nobody in any of a few paper dolls gets none for its signatures that take
    photos: a warm-up that fails would keep the version from being loaded.
    """
    for name, function in sorted(signatures.items()):
        specs = input_specs(function)
        inputs = example_inputs(canvas, encoded=any(spec.dtype == tf.string for spec in specs.values()))
        if "source_photo" in specs:
            photo = _photo_of_somebody(function, inputs, canvas)
            if photo is None:
                logging.warning("no warm-up for %s: the finder finds no paper doll", name)
                continue
            inputs |= photo
        request = predict_pb2.PredictRequest()
        request.model_spec.name = model_name
        request.model_spec.signature_name = name
        for key in specs:
            request.inputs[key].CopyFrom(tf.make_tensor_proto(inputs[key]))
        yield request


def _photo_of_somebody(
    function: tf.types.experimental.ConcreteFunction, inputs: dict[str, np.ndarray], canvas: tuple[int, int]
) -> dict[str, np.ndarray] | None:
    """Photos, batch 1, that the signature answers; None where it refuses all that are tried."""
    for image in draw_held_out(0, _DOLLS_TRIED, canvas)[0]:
        photos = np.array([tf.io.encode_png(image).numpy()])
        given = {"source_photo": photos, "target_photo": photos}
        try:
            function(**{key: tf.constant({**inputs, **given}[key]) for key in input_specs(function)})
        except tf.errors.InvalidArgumentError:
            continue
        return given
    return None
