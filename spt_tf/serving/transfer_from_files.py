"""`export/client.py` behind its flags: people from files, one request, answers into files."""

from __future__ import annotations

from typing import NamedTuple

from spt_tf.data.atomic_write import write_whole
from spt_tf.serving.channel import ClientTls
from spt_tf.serving.client import PoseTransferClient
from spt_tf.serving.people_files import PeopleFiles
from spt_tf.serving.result_files import encode_png, image_path, parsing_path
from spt_tf.serving.signature_choice import choose_signature


class _Answer(NamedTuple):
    """PNG bytes by target; no parsings where the caller brought them."""

    images: list[bytes]
    parsings: list[bytes]


def ask(values) -> None:
    """Asks for one source in all targets' poses and writes `<source>___<target>.png` for each.

    Args:
        values: the flags of `export/client.py`.

    Raises PoseTransferError, MissingSignature where the model cannot do that, and RowError or OSError for
    files that cannot be read.
    """
    tls = ClientTls(values.tls_root_ca, values.tls_key, values.tls_certificate) if values.tls else None
    has_target_parsing = values.target_parsing_dir is not None
    with PoseTransferClient(
        values.server, values.model_name, values.model_version, values.timeout, tls
    ) as client:
        choose_signature(f"model {values.model_name!r}", client.signatures(), has_target_parsing)
        people = PeopleFiles(
            values.images_dir, values.parsing_dir, values.annotations, values.target_parsing_dir
        )
        answer = (_on_parsings if has_target_parsing else _transfer)(client, people, values)
    for target, parsing in zip(values.targets, answer.parsings):
        write_whole(parsing_path(values.output_dir, values.source, target), parsing)
    for target, image in zip(values.targets, answer.images):
        path = image_path(values.output_dir, values.source, target)
        write_whole(path, image)
        print(path)


def _transfer(client: PoseTransferClient, people: PeopleFiles, values) -> _Answer:
    count = len(values.targets)
    image, parsing = people.image(values.source), people.parsing(values.source)
    method = client.transfer_pose
    if values.encoded:
        image, parsing = encode_png(image), encode_png(parsing)
        method = client.transfer_pose_encoded
    answer = method([image] * count, [parsing] * count, *_keypoints(people, values))
    if values.encoded:
        return _Answer(answer.image, answer.parsing)
    return _Answer([encode_png(one) for one in answer.image], [encode_png(one) for one in answer.parsing])


def _on_parsings(client: PoseTransferClient, people: PeopleFiles, values) -> _Answer:
    count = len(values.targets)
    source, target = _keypoints(people, values)
    images = client.generate_from_parsing(
        [people.image(values.source)] * count,
        [people.parsing(values.source)] * count,
        source,
        [people.target_parsing(target) for target in values.targets],
        target,
    )
    return _Answer([encode_png(image) for image in images], [])


def _keypoints(people: PeopleFiles, values) -> tuple[list, list]:
    targets = [people.keypoints(target) for target in values.targets]
    return [people.keypoints(values.source)] * len(targets), targets
