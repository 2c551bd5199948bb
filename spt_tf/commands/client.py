"""Puts a person into the poses of others through a served model.

    python export/client.py --server=localhost:8500 --images_dir=datasets/demo/test \\
        --parsing_dir=datasets/demo/parsing/test --annotations=datasets/demo/market-annotation-test.csv \\
        --source=0001_c1s1_000001_00.jpg --targets=0001_c2s1_000002_00.jpg --output_dir=/tmp/moved

or, of a model exported with a finder, from photos of any size alone:

    python export/client.py --server=localhost:8500 --photos=photos --source=me.jpg --targets=you.jpg \\
        --output_dir=/tmp/moved

Several targets travel as one batched request. Works on TF Serving and on `export/serve.py`.
"""

from __future__ import annotations

import functools
import sys

from absl import flags

from spt_tf.commands.batch_score import define_people_or_photos_flags, people_paths
from spt_tf.commands.command import run_command
from spt_tf.commands.tls_rules import define_tls_rules


def define_flags() -> None:
    """Flags of this command."""
    flags.DEFINE_string("server", "localhost:8500", "host:port of the gRPC server.")
    flags.DEFINE_string("model_name", "spt", "Name the server knows the model by.")
    flags.DEFINE_integer(
        "model_version",
        None,
        "Version to ask; by default the latest.",
        upper_bound=(1 << 63) - 1,
        lower_bound=0,
    )
    define_people_or_photos_flags("all people named here", " Sent and answered as raw pixels.")
    flags.DEFINE_string("source", None, "Image name of the person to move.", required=True)
    flags.DEFINE_list("targets", None, "Image names of the poses to move to.", required=True)
    flags.DEFINE_string("output_dir", None, "Folder for the answers.", required=True)
    flags.DEFINE_bool("encoded", True, "Send and receive PNG bytes instead of raw pixels.")
    flags.DEFINE_float(
        "timeout", 60.0, "Deadline of the call in seconds.", lower_bound=0.001, upper_bound=1e6
    )
    flags.DEFINE_bool("tls", False, "Encrypt; the next three flags refine it.")
    flags.DEFINE_string("tls_root_ca", None, "PEM file that vouches for the server; by default the system's.")
    flags.DEFINE_string("tls_key", None, "PEM file of this client's private key.")
    flags.DEFINE_string("tls_certificate", None, "PEM file of this client's certificate.")
    define_tls_rules("tls_key", "tls_certificate")
    flags.register_multi_flags_validator(
        ["tls", "tls_key", "tls_certificate", "tls_root_ca"],
        lambda values: values["tls"] or all(values[name] is None for name in values if name != "tls"),
        "--tls_root_ca, --tls_key and --tls_certificate need --tls",
    )


def main(argv: list[str]) -> None:
    """One request; writes for each target an image and, where predicted, a parsing."""
    # TensorFlow loads only once the flags are known to be good.
    from spt_tf.serving.channel import ClientTls
    from spt_tf.serving.client import PoseTransferClient
    from spt_tf.serving.client_errors import PoseTransferError
    from spt_tf.serving.photo_files import open_people
    from spt_tf.serving.transfer_from_files import Transfer, transfer_from_files

    values = flags.FLAGS
    tls = ClientTls(values.tls_root_ca, values.tls_key, values.tls_certificate) if values.tls else None
    transfer = Transfer(values.source, values.targets, values.encoded)
    try:
        people = open_people(people_paths(values))
        with PoseTransferClient(
            values.server, values.model_name, values.model_version, values.timeout, tls
        ) as client:
            for path in transfer_from_files(client, people, transfer, values.output_dir):
                print(path)
    except (PoseTransferError, ValueError, OSError) as error:
        sys.exit(f"client failed: {error}")


run = functools.partial(run_command, __doc__, define_flags, main)
