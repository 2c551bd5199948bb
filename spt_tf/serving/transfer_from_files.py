"""Moves a person of a folder through a served model: files, one request, answers into files."""

from __future__ import annotations

import os
from pathlib import Path
from typing import NamedTuple

import numpy as np

from spt_tf.data.atomic_write import write_whole
from spt_tf.data.parsing_maps import encode_parsing_map
from spt_tf.serving.client import PoseTransferClient
from spt_tf.serving.people_files import PeopleFiles
from spt_tf.serving.photo_files import PhotoFiles
from spt_tf.serving.result_files import encode_png, image_path, in_colours, parsing_path
from spt_tf.serving.signature_choice import choose_signature, require_photo_signature


class Transfer(NamedTuple):
    """One source in the poses of `targets`, by image name; `encoded`: ask in PNG bytes, not raw pixels."""

    source: str
    targets: list[str]
    encoded: bool = True


class _Answer(NamedTuple):
    """PNG bytes by target; no parsings where the caller brought them."""

    images: list[bytes]
    parsings: list[bytes]


def transfer_from_files(
    client: PoseTransferClient,
    people: PeopleFiles | PhotoFiles,
    transfer: Transfer,
    output_dir: str | os.PathLike,
) -> list[Path]:
    """Writes `<source>___<target>.png` for each target and returns these paths.

    Where `people` have target parsings these are drawn on, in raw pixels; else the predicted parsings are
    written beside the images.

    Raises PoseTransferError, MissingSignature where the model cannot do that, and RowError or OSError for
    files that cannot be read.
    """
    model, signatures = f"model {client.model!r}", client.signatures()
    if isinstance(people, PhotoFiles):
        require_photo_signature(model, signatures, people.signature)
        answer = _between_photos(client, people, transfer)
    else:
        choose_signature(model, signatures, people.has_target_parsing)
        answer = (_on_parsings if people.has_target_parsing else _transfer)(client, people, transfer)
    for target, parsing in zip(transfer.targets, answer.parsings):
        write_whole(parsing_path(output_dir, transfer.source, target), parsing)
    paths = [image_path(output_dir, transfer.source, target) for target in transfer.targets]
    for path, image in zip(paths, answer.images):
        write_whole(path, image)
    return paths


def _transfer(client: PoseTransferClient, people: PeopleFiles, transfer: Transfer) -> _Answer:
    count = len(transfer.targets)
    image, parsing = people.image(transfer.source), people.parsing(transfer.source)
    source, target = _keypoints(people, transfer)
    if transfer.encoded:
        pictures, labels = [encode_png(image)] * count, [encode_png(parsing)] * count
        encoded = client.transfer_pose_encoded(pictures, labels, source, target)
        return _Answer(_listed(encoded.image), [in_colours(one) for one in _listed(encoded.parsing)])
    answer = client.transfer_pose([image] * count, [parsing] * count, source, target)
    parsings = [encode_parsing_map(one) for one in answer.parsing]
    return _Answer([encode_png(one) for one in answer.image], parsings)


def _between_photos(client: PoseTransferClient, people: PhotoFiles, transfer: Transfer) -> _Answer:
    given = [people.inputs(transfer.source, target) for target in transfer.targets]
    columns = {name: [one[name] for one in given] for name in given[0]}
    answer = client.transfer_pose_from_photo(**{n: np.stack(column) for n, column in columns.items()})
    return _Answer(_listed(answer.image), [in_colours(one) for one in _listed(answer.parsing)])


def _listed(pictures: bytes | list[bytes]) -> list[bytes]:
    return [pictures] if isinstance(pictures, bytes) else pictures


def _on_parsings(client: PoseTransferClient, people: PeopleFiles, transfer: Transfer) -> _Answer:
    count = len(transfer.targets)
    source, target = _keypoints(people, transfer)
    images = client.generate_from_parsing(
        [people.image(transfer.source)] * count,
        [people.parsing(transfer.source)] * count,
        source,
        [people.target_parsing(name) for name in transfer.targets],
        target,
    )
    return _Answer([encode_png(image) for image in images], [])


def _keypoints(people: PeopleFiles, transfer: Transfer) -> tuple[list, list]:
    targets = [people.keypoints(target) for target in transfer.targets]
    return [people.keypoints(transfer.source)] * len(targets), targets
