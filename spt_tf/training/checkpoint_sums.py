"""Whether a checkpoint on disk is what was written: SHA-256 of its files, as `sha256sum -c` reads them."""

from __future__ import annotations

import hashlib
import os

import tensorflow as tf

from spt_tf.data.file_reading import UnreadableFile, one_line, read_text

SUMS_FILE = "SHA256SUMS"


def write_sums(directory: str) -> None:
    """Writes the checksums of a checkpoint's files beside them."""
    names = sorted(os.listdir(directory))
    lines = [f"{_sha256(os.path.join(directory, name))}  {name}\n" for name in names]
    with open(os.path.join(directory, SUMS_FILE), "w", encoding="utf8") as file:
        file.writelines(lines)


def damage(directory: str, *parts: str) -> str | None:
    """What is wrong with these TensorFlow checkpoints of a directory, in one line; None where nothing is.

    parts: prefixes such as `networks`. Checkpoints of older versions have no checksums of ours: TensorFlow
    reads those as a whole, and compares its own.
    """
    path = os.path.join(directory, SUMS_FILE)
    try:
        if not os.path.exists(path):
            return next(filter(None, (_damage_of_old(directory, part) for part in parts)), None)
        lines = (line.split("  ", 1) for line in read_text(path).splitlines())
        sums = {name: expected for expected, name in lines}
        for part in parts:
            if f"{part}.index" not in sums:
                return f"{path}: says nothing of {part}.index"
        for name, expected in sums.items():
            file = os.path.join(directory, name)
            if name.split(".")[0] in parts and _sha256(file) != expected:
                return f"{file}: damaged, its SHA-256 is not the one in {SUMS_FILE}"
    except UnreadableFile as error:
        return str(error)
    except OSError as error:
        return f"{error.filename or directory}: {error.strerror}"
    except (ValueError, TypeError):
        return f"{path}: damaged, expected the output of sha256sum"
    return None


def _damage_of_old(directory: str, part: str) -> str | None:
    prefix = os.path.join(directory, part)
    if part == "statistics" and not os.path.exists(f"{prefix}.index"):
        return None  # the oldest have none
    try:
        reader = tf.train.load_checkpoint(prefix)
        for name in reader.get_variable_to_shape_map():
            reader.get_tensor(name)
    except Exception as error:  # whatever TensorFlow makes of a damaged file
        return f"{prefix}: damaged ({one_line(str(error))})"
    return None


def _sha256(path: str) -> str:
    digest = hashlib.sha256()
    with open(path, "rb") as file:
        while block := file.read(2**20):
            digest.update(block)
    return digest.hexdigest()
