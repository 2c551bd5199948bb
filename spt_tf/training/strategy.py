"""Where training runs: one worker's GPUs, or several workers'."""

from __future__ import annotations

import os

import tensorflow as tf


def make_strategy() -> tf.distribute.Strategy:
    """MultiWorkerMirroredStrategy when `TF_CONFIG` is set, else MirroredStrategy on all GPUs or the CPU."""
    if os.environ.get("TF_CONFIG"):
        return tf.distribute.MultiWorkerMirroredStrategy()
    gpus = tf.config.list_logical_devices("GPU")
    return tf.distribute.MirroredStrategy([device.name for device in gpus] or ["/cpu:0"])


def is_chief(strategy: tf.distribute.Strategy) -> bool:
    """Whether this process writes logs, panels and the checkpoints that are kept."""
    resolver = strategy.cluster_resolver
    if not isinstance(strategy, tf.distribute.MultiWorkerMirroredStrategy) or resolver.task_type is None:
        return True
    return resolver.task_type == "chief" or (
        resolver.task_id == 0 and "chief" not in resolver.cluster_spec().as_dict()
    )
