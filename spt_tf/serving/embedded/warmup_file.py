"""Warm-up requests: what TF Serving (and the embedded server) runs before a version takes traffic.

`PredictionLog` records in `assets.extra/tf_serving_warmup_requests` of a SavedModel.
See https://www.tensorflow.org/tfx/serving/saved_model_warmup.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path

import tensorflow as tf
from tensorflow_serving.apis import predict_pb2, prediction_log_pb2

WARMUP_FILE = Path("assets.extra", "tf_serving_warmup_requests")


def write_warmup_requests(model_dir: Path, requests: Iterable[predict_pb2.PredictRequest]) -> None:
    """Writes `requests` into a SavedModel."""
    path = Path(model_dir, WARMUP_FILE)
    path.parent.mkdir(parents=True, exist_ok=True)
    with tf.io.TFRecordWriter(str(path)) as writer:
        for request in requests:
            log = prediction_log_pb2.PredictionLog(predict_log=prediction_log_pb2.PredictLog(request=request))
            writer.write(log.SerializeToString())


def read_warmup_requests(model_dir: Path) -> Iterator[predict_pb2.PredictRequest]:
    """The Predict requests of a SavedModel's warm-up file; none where it has no such file."""
    path = Path(model_dir, WARMUP_FILE)
    if path.exists():
        for record in tf.data.TFRecordDataset(str(path)):
            yield prediction_log_pb2.PredictionLog.FromString(record.numpy()).predict_log.request
