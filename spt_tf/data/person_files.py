"""Checks one person's image and parsing map on disk."""

from __future__ import annotations

import hashlib
import os
import zlib
from pathlib import Path
from typing import NamedTuple

import numpy as np

from spt_tf.data.file_reading import MissingFile, UnreadableFile
from spt_tf.data.images import decode_file, read_encoded_image
from spt_tf.data.parsing_maps import UnknownLabelError, find_parsing_map, read_parsing_map
from spt_tf.data.report import Reason


class Unusable(Exception):
    """A person who cannot be used: a Reason and a detail for the report."""

    def __init__(self, reason: Reason, detail: str):
        super().__init__(detail)
        self.reason = reason
        self.detail = detail


class ParsingFile(NamedTuple):
    """A checked label map: its path and its labels, zlib-compressed uint8 in row order.

    The path is None for the empty map of a person loaded without one.

    Label maps compress to a few hundred bytes, so an index carries them all: the pipeline needs no decoder
    for indexed PNG (TensorFlow's turns indices into colours) and uses exactly what was checked.
    """

    path: Path | None
    packed: bytes


def check_image(path: Path, canvas: tuple[int, int]) -> bytes:
    """The file's content.

    Raises Unusable unless it is a whole JPEG or PNG of size `canvas` (height, width).
    """
    try:
        image = read_encoded_image(path)
        if image.size != tuple(canvas):
            raise Unusable(Reason.WRONG_IMAGE_SIZE, _sizes(image.size, canvas))
        decode_file(path, image)
        return image.content
    except MissingFile as error:
        raise Unusable(Reason.MISSING_IMAGE, os.fspath(path)) from error
    except UnreadableFile as error:
        raise Unusable(Reason.UNREADABLE_IMAGE, str(error)) from error


def check_parsing(folders: tuple[Path, ...], name: str, canvas: tuple[int, int]) -> ParsingFile:
    """Finds `<stem>.png` or `<stem>.npy` of the image `name` in the first folder that has it, and reads it.

    Raises Unusable unless it is a map of size `canvas` with labels 0..9.
    """
    if not folders:
        raise Unusable(Reason.MISSING_PARSING, "no parsing folder")
    for folder in folders:
        try:
            path = find_parsing_map(folder, name)
            labels = read_parsing_map(path)
        except MissingFile:
            continue
        except UnknownLabelError as error:
            raise Unusable(Reason.UNKNOWN_LABEL, str(error)) from error
        except UnreadableFile as error:
            raise Unusable(Reason.UNREADABLE_PARSING, str(error)) from error
        if labels.shape != tuple(canvas):
            raise Unusable(Reason.WRONG_PARSING_SIZE, _sizes(labels.shape, canvas))
        return ParsingFile(path, zlib.compress(np.ascontiguousarray(labels).tobytes(), 1))
    raise Unusable(Reason.MISSING_PARSING, f"no {folders[0] / Path(name).with_suffix('.png')} or .npy")


def person_digest(image: bytes, keypoints: np.ndarray, parsing: ParsingFile) -> str:
    """SHA-256 of all that is read of a person: the image's file, keypoints, labels."""
    digest = hashlib.sha256(hashlib.sha256(image).digest())
    digest.update(keypoints.tobytes())
    digest.update(zlib.decompress(parsing.packed))
    return digest.hexdigest()


def _sizes(found: tuple[int, ...], canvas: tuple[int, int]) -> str:
    return f"{found[0]}x{found[1]}, where {canvas[0]}x{canvas[1]} (height x width) is needed"
