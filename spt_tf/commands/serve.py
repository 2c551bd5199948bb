"""Serves an exported model without TF Serving: python export/serve.py --model_base_path=models/spt.

Speaks TF Serving's gRPC interface on the loopback. SIGTERM or Ctrl-C finishes the requests under way.
"""

from __future__ import annotations

import functools
import os
import sys

from absl import flags

from spt_tf.commands.command import run_command
from spt_tf.commands.tls_rules import define_tls_rules

_LAST_PORT = 65535
_DAY = 86400.0


def define_flags() -> None:
    """Flags of this command; where TF Serving has the same flag, it has the same name."""
    flags.DEFINE_string("model_base_path", None, "Directory of version directories, such as models/spt.")
    flags.DEFINE_string("model_name", "spt", "Name the model is served under.")
    flags.DEFINE_string("model_config_file", None, "models.config of TF Serving, instead of the two above.")
    flags.DEFINE_string("host", "localhost", "Address to listen on; 0.0.0.0 opens the server to the network.")
    flags.DEFINE_integer("port", 8500, "gRPC port; 0 takes a free one.", 0, _LAST_PORT)
    flags.DEFINE_integer("max_batch_size", 16, "Most examples computed together.", 1, 10_000)
    flags.DEFINE_integer(
        "batch_timeout_micros", 2000, "Longest wait for a batch to fill.", 0, int(_DAY * 1_000_000)
    )
    flags.DEFINE_integer(
        "max_enqueued_batches", 16, "Full batches that may wait; more is refused.", 1, 10_000
    )
    flags.DEFINE_integer("num_batch_threads", 1, "Batches computed at the same time.", 1, 1000)
    flags.DEFINE_float(
        "batch_patience",
        0.05,
        "How long a batch waits for those who were just answered to ask again, as a share of the time that "
        "their batch took.",
        0.0,
        1.0,
    )
    flags.DEFINE_integer("max_message_megabytes", 256, "Largest request and answer.", 1, 2047)
    flags.DEFINE_float("message_seconds", 60.0, "For a call's message to arrive whole.", 0.1, _DAY)
    flags.DEFINE_bool(
        "enable_serialization_as_tensor_content",
        False,
        "Answer in bytes rather than value by value: faster, for clients that read it.",
    )
    flags.DEFINE_bool(
        "allow_version_labels_for_unavailable_models",
        False,
        "Let the configuration give a new label to a version that is not loaded yet.",
    )
    flags.DEFINE_float("file_system_poll_wait_seconds", 1.0, "Between looks for new versions.", 0.01, _DAY)
    flags.DEFINE_float("drain_seconds", 30.0, "For requests under way when the server stops.", 0.0, _DAY)
    flags.DEFINE_string("tls_key", None, "PEM file of the server's private key.")
    flags.DEFINE_string("tls_certificate", None, "PEM file of the server's certificate chain.")
    flags.DEFINE_string("tls_client_ca", None, "PEM file; callers must show a certificate signed by it.")
    flags.DEFINE_integer(
        "metrics_port",
        None,
        "Serve Prometheus metrics on this port, with the same TLS as gRPC; 0 takes a free one.",
        0,
        _LAST_PORT,
    )
    flags.mark_flags_as_mutual_exclusive(["model_base_path", "model_config_file"], required=True)
    define_tls_rules("tls_key", "tls_certificate")
    flags.register_multi_flags_validator(
        ["tls_key", "tls_client_ca"],
        lambda tls: tls["tls_key"] is not None or tls["tls_client_ca"] is None,
        "--tls_client_ca needs --tls_key and --tls_certificate",
    )


def main(argv: list[str]) -> None:
    """Serves until a signal stops it."""
    # TensorFlow loads only once the flags are known to be good. It brings Keras along, which no served graph
    # needs, unless it is told to take the package tf_keras for it.
    if "tensorflow" not in sys.modules:
        os.environ.setdefault("TF_USE_LEGACY_KERAS", "1")
    from spt_tf.serving.embedded.serve import serve
    from spt_tf.serving.embedded.version_policy import read_config, single_model

    values = flags.FLAGS
    try:
        if values.model_base_path:
            config = single_model(values.model_name, values.model_base_path)
        else:
            config = read_config(values.model_config_file)
        serve(config, _options(values), values.drain_seconds)
    except (ValueError, OSError) as error:
        sys.exit(f"serve failed: {error}")


def _options(values):
    from spt_tf.serving.embedded.batching import BatchingOptions
    from spt_tf.serving.embedded.rpc import Limits
    from spt_tf.serving.embedded.server import ServerOptions
    from spt_tf.serving.embedded.tls import TlsFiles

    batching = BatchingOptions(
        max_batch_size=values.max_batch_size,
        timeout=values.batch_timeout_micros / 1e6,
        max_enqueued=values.max_enqueued_batches * values.max_batch_size,
        threads=values.num_batch_threads,
        patience=values.batch_patience,
    )
    tls = None
    if values.tls_key is not None:
        tls = TlsFiles(values.tls_key, values.tls_certificate, values.tls_client_ca)
    return ServerOptions(
        host=values.host,
        port=values.port,
        batching=batching,
        limits=Limits(values.message_seconds),
        max_message_bytes=values.max_message_megabytes << 20,
        poll_seconds=values.file_system_poll_wait_seconds,
        tls=tls,
        metrics_port=values.metrics_port,
        as_tensor_content=values.enable_serialization_as_tensor_content,
        allow_early_labels=values.allow_version_labels_for_unavailable_models,
    )


run = functools.partial(run_command, __doc__, define_flags, main)
