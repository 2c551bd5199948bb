"""The literature's Inception network: the frozen graph of 2015-12-05, from a local file."""

from __future__ import annotations

import os
from typing import NamedTuple

import numpy as np
import tensorflow as tf

from spt_tf.data.file_reading import UnreadableFile, read_bytes, reading

_IMAGES, _POOLED, _LOGITS = "ExpandDims", "pool_3", "softmax/logits/MatMul"


class InceptionOutputs(NamedTuple):
    """features: float32 `[N,2048]` (pool_3, for the Frechet distance). probabilities: float32 `[N,1008]`."""

    features: np.ndarray
    probabilities: np.ndarray


class InceptionGraph:
    """Runs `classify_image_graph_def.pb` as the Inception score's own script does (openai/improved-gan).

    Images enter behind the decoder, and the softmax is taken of pool_3 times the last weights, without their
    bias: published scores were made that way. `features` and `classes` are the widths of its outputs.
    """

    def __init__(self, path: str | os.PathLike):
        """Reads the graph.

        Raises:
            UnreadableFile: naming the file and what it lacks; MissingFile.
        """
        graph_def = tf.compat.v1.GraphDef()
        content = read_bytes(path)
        try:
            graph_def.ParseFromString(content)
        except Exception as error:
            raise UnreadableFile(path, f"not a frozen graph ({error})") from error
        missing = {_IMAGES, _POOLED, _LOGITS} - {node.name for node in graph_def.node}
        if missing:
            names = ", ".join(sorted(missing))
            raise UnreadableFile(path, f"not the Inception graph of 2015-12-05, lacks {names}")
        with reading(path, "frozen graph"):
            graph = tf.compat.v1.wrap_function(lambda: tf.import_graph_def(graph_def, name=""), [])
            weights = graph.graph.get_operation_by_name(_LOGITS).inputs[1]
            self.features, self.classes = (int(side) for side in weights.shape)
            self._run = graph.prune(f"{_IMAGES}:0", (f"{_POOLED}:0", weights))

    def __call__(self, images: np.ndarray) -> InceptionOutputs:
        """uint8 `[N,H,W,3]` of any size (the graph resizes) -> its outputs."""
        pooled, weights = self._run(tf.cast(images, tf.float32))
        features = tf.reshape(pooled, [-1, weights.shape[0]])
        return InceptionOutputs(features.numpy(), tf.nn.softmax(features @ weights).numpy())
