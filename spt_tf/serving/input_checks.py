"""Checks of a request's tensors inside the exported graph.

A server that runs the graph sees only tensors, so the graph itself has to refuse what the networks
cannot take: a wrong-rank image aborts the whole process inside a convolution kernel. Every check raises
`InvalidArgument` with the input's name, and returns a tensor that depends on it, so no later operator
can run first.
"""

from __future__ import annotations

import tensorflow as tf

from spt_tf import anatomy


def checked_image(image: tf.Tensor, name: str, canvas: tuple[int, int]) -> tf.Tensor:
    """`image` uint8 `[B,H,W,3]`, or InvalidArgument."""
    return _nonempty(tf.ensure_shape(image, (None, *canvas, 3)), name)


def checked_parsing(labels: tf.Tensor, name: str, canvas: tuple[int, int]) -> tf.Tensor:
    """`labels` uint8 `[B,H,W]` with every label in 0..9, or InvalidArgument."""
    labels = _nonempty(tf.ensure_shape(labels, (None, *canvas)), name)
    highest = tf.reduce_max(tf.cast(labels, tf.int64))  # a GPU knows no maximum of uint8
    message = f"{name}: labels must lie in 0..{anatomy.NUM_LABELS - 1}, found"
    return _asserted(labels, highest < anatomy.NUM_LABELS, [message, highest])


def checked_keypoints(keypoints: tf.Tensor, name: str, canvas: tuple[int, int]) -> tf.Tensor:
    """`keypoints` float32 `[B,18,2]` (y, x), or InvalidArgument where a joint lies outside the canvas.

    A coordinate is -1 (missing) or in [0, size). A joint with one coordinate missing is returned with
    both missing, which is how the rest of the project writes it.
    """
    keypoints = _nonempty(tf.ensure_shape(keypoints, (None, anatomy.NUM_JOINTS, 2)), name)
    missing = keypoints == anatomy.MISSING
    inside = (keypoints >= 0) & (keypoints < tf.constant(canvas, tf.float32))
    message = f"{name}: (y, x) must be {anatomy.MISSING} or inside {canvas[0]}x{canvas[1]}, found"
    outside = tf.boolean_mask(keypoints, ~(missing | inside))
    keypoints = _asserted(keypoints, tf.reduce_all(missing | inside), [message, outside])
    absent = tf.reduce_any(missing, axis=-1, keepdims=True)
    return tf.where(absent, tf.cast(anatomy.MISSING, tf.float32), keypoints)


def checked_labels(labels: tf.Tensor, parsings: dict[str, tf.Tensor]) -> tf.Tensor:
    """`labels` uint8 `[B,10]` of 0 and 1 as float32, or InvalidArgument.

    parsings: one-hot `[B,H,W,10]` by input name; each has to have every chosen label of its example.
    """
    labels = _nonempty(tf.ensure_shape(labels, (None, anatomy.NUM_LABELS)), "labels")
    chosen = tf.cast(labels, tf.float32)
    chosen = _asserted(chosen, tf.reduce_all(chosen <= 1.0), ["labels: expected 0 or 1, found", labels])
    sizes = tf.stack([tf.shape(value)[0] for value in (chosen, *parsings.values())])
    chosen = _asserted(chosen, tf.reduce_all(sizes == sizes[0]), ["labels: batch sizes differ:", sizes])
    for name, parsing in parsings.items():
        lacking = (chosen > 0) & (tf.reduce_max(parsing, axis=[1, 2]) == 0)
        message = f"labels: chosen, but not in {name}: (example, label)"
        chosen = _asserted(chosen, ~tf.reduce_any(lacking), [message, tf.where(lacking)])
    return chosen


def same_batch(inputs: dict[str, tf.Tensor]) -> dict[str, tf.Tensor]:
    """`inputs` as given, or InvalidArgument unless all have the same batch size."""
    sizes = tf.stack([tf.shape(value)[0] for value in inputs.values()])
    message = f"{', '.join(inputs)}: batch sizes differ:"
    return {
        name: _asserted(value, tf.reduce_all(sizes == sizes[0]), [message, sizes])
        for name, value in inputs.items()
    }


def _nonempty(value: tf.Tensor, name: str) -> tf.Tensor:
    return _asserted(value, tf.shape(value)[0] > 0, [f"{name}: the batch is empty"])


def _asserted(value: tf.Tensor, condition: tf.Tensor, data: list) -> tf.Tensor:
    with tf.control_dependencies([tf.debugging.Assert(condition, data, summarize=8)]):
        return tf.identity(value)
