"""A model whose signature computes until somebody stops it."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import tensorflow as tf
from tensorflow_serving.apis import predict_pb2

from spt_tf.serving.embedded.warmup_file import write_warmup_requests


class _Endless(tf.Module):
    @tf.function(input_signature=[tf.TensorSpec([None], tf.float32)])
    def compute(self, x):
        (y,) = tf.while_loop(lambda y: tf.reduce_all(y >= 0), lambda y: (y * 1.5 + 1,), (x,))
        return {"y": y}


def export_endless(version_dir: Path, warm_up: bool = False) -> Path:
    """Writes a SavedModel; with `warm_up` it never becomes available."""
    model = _Endless()
    tf.saved_model.save(model, str(version_dir), signatures={"serving_default": model.compute})
    if warm_up:
        request = predict_pb2.PredictRequest()
        request.inputs["x"].CopyFrom(tf.make_tensor_proto(np.ones(1, np.float32)))
        write_warmup_requests(version_dir, [request])
    return version_dir
