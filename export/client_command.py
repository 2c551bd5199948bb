"""`export/client.py` behind its flags: people from files, one request, answers into files."""

from __future__ import annotations

from export.channel import ClientTls
from export.pose_transfer_client import PoseTransferClient, Transferred
from export.request_files import PeopleFiles
from export.result_files import encode_png, image_path, parsing_path
from spt_tf.data.atomic_write import write_whole


def ask(values) -> None:
    """Asks for one source in all targets' poses and writes `<source>___<target>.png` for each.

    Args:
        values: the flags of `export/client.py`.

    Raises PoseTransferError, and RowError or OSError for files that cannot be read.
    """
    tls = ClientTls(values.tls_root_ca, values.tls_key, values.tls_certificate) if values.tls else None
    people = PeopleFiles(values.images_dir, values.parsing_dir, values.annotations)
    with PoseTransferClient(
        values.server, values.model_name, values.model_version, values.timeout, tls
    ) as client:
        answer = _call(client, people, values)
    for target, image, parsing in zip(values.targets, answer.image, answer.parsing):
        path = image_path(values.output_dir, values.source, target)
        write_whole(path, image if values.encoded else encode_png(image))
        write_whole(
            parsing_path(values.output_dir, values.source, target),
            parsing if values.encoded else encode_png(parsing),
        )
        print(f"version {answer.version}: {path}")


def _call(client: PoseTransferClient, people: PeopleFiles, values) -> Transferred:
    count = len(values.targets)
    image, parsing = people.image(values.source), people.parsing(values.source)
    method = client.transfer_pose
    if values.encoded:
        image, parsing = encode_png(image), encode_png(parsing)
        method = client.transfer_pose_encoded
    return method(
        [image] * count,
        [parsing] * count,
        [people.keypoints(values.source)] * count,
        [people.keypoints(target) for target in values.targets],
    )
