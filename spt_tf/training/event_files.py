"""TensorBoard's files of a stage, cut back to the step that training resumes from."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import tensorflow as tf


def drop_events_after(folder: str | os.PathLike, step: int) -> None:
    """Takes the events of later steps out of a folder's files, and the end of one that a kill cut off.

    TensorBoard's own purge (a SessionLog event) passes over the scalars of TensorFlow 2, which would be shown
    twice. Files in which nothing else is left go.
    """
    for path in sorted(Path(folder).glob("events.out.tfevents.*")):
        events = [(record, tf.compat.v1.Event.FromString(record)) for record in _records(path)]
        kept = [record for record, event in events if event.step <= step]
        if not any(event.HasField("summary") and event.step <= step for _, event in events):
            path.unlink()
            continue
        unfinished = path.with_name(f".{path.name}.partial")
        with tf.io.TFRecordWriter(os.fspath(unfinished)) as writer:
            for record in kept:
                writer.write(record)
        os.replace(unfinished, path)


def _records(path: Path) -> Iterator[bytes]:
    try:
        for record in tf.data.TFRecordDataset(os.fspath(path)):
            yield record.numpy()
    except tf.errors.DataLossError:
        return
