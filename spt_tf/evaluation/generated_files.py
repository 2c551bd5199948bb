"""A folder of images that any project generated, matched to the pairs they show by file name.

The literature names a picture `from_to` or `from___to`, with or without the names' own extensions, PATN with
`_vis` behind; and writes the image alone, Deformable GAN's strip of three (source, target, output), or PATN's
of five (source, its pose, target, its pose, output). The output is always the last.
"""

from __future__ import annotations

import io
import os
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np
import tensorflow as tf
from PIL import Image

from spt_tf.data.file_reading import UnreadableFile, read_bytes, reading
from spt_tf.evaluation.methods import Method
from spt_tf.inference import Generated

Pair = tuple[str, str]
_CELLS = (1, 3, 5)
_PICTURES = (".png", ".jpg", ".jpeg", ".bmp", ".webp")
_FORMATS = ("PNG", "JPEG", "BMP", "WEBP")


class GeneratedFiles(NamedTuple):
    """What was found for a list of pairs.

    files: pair -> file, of the pairs that have a usable one.
    missing: pairs without a file. unusable: file name -> what is wrong with it.
    unknown: names of pictures that no pair of the data goes by; they do not change any score.
    """

    files: dict[Pair, Path]
    missing: list[Pair]
    unusable: dict[str, str]
    unknown: list[str]

    def summary(self, folder: str | os.PathLike) -> str:
        """Readable lines: how many were found, and the first of each kind that was not."""
        lines = [f"{os.fspath(folder)}: images of {len(self.files):,} pairs"]
        kinds = {
            "pairs without an image": [f"{source} > {target}" for source, target in self.missing],
            "unusable images": [f"{name} ({why})" for name, why in self.unusable.items()],
            "pictures that no pair goes by": self.unknown,
        }
        for kind, names in kinds.items():
            if names:
                lines.append(f"  {len(names):,} {kind}: {some_names(names)}")
        return "\n".join(lines)


def some_names(names: Sequence[str], count: int = 10) -> str:
    """The first of a list of names in words, and how many more there are."""
    more = f" and {len(names) - count:,} more" if len(names) > count else ""
    return ", ".join(names[:count]) + more


class PairNames:
    """The file names, without extension, that pairs go by."""

    def __init__(self, pairs: Iterable[Pair]):
        self._pairs: dict[str, list[Pair]] = {}
        for pair in pairs:
            whole = [name.replace("/", "_") for name in pair]
            bare = [os.path.splitext(name)[0] for name in whole]
            for stem in {join.join(names) for join in ("_", "___") for names in (whole, bare)}:
                self._pairs.setdefault(stem, []).append(pair)

    def find(self, file_name: str) -> Pair | None:
        """The pair of a file name, or None.

        Raises:
            ValueError: naming two pairs that both go by it.
        """
        stem, extension = os.path.splitext(file_name)
        stem = stem if extension.lower() in _PICTURES else file_name
        # `from_to.jpg` is both a target's own extension and a picture's: the name as it stands comes first.
        for name in (stem, stem[: -len("_vis")] if stem.endswith("_vis") else stem, file_name):
            found = self._pairs.get(name, [])
            if len(found) > 1:
                both = " and ".join(f"{source} > {target}" for source, target in found[:2])
                raise ValueError(f"{file_name}: could be {both}; use the form from___to")
            if found:
                return found[0]
        return None


def find_generated(
    folder: str | os.PathLike, pairs: Sequence[Pair], canvas: tuple[int, int], wanted: Sequence[Pair]
) -> GeneratedFiles:
    """Matches a folder's pictures to pairs.

    Args:
        folder: where the pictures are; folders in it are not searched.
        pairs: all pairs of the data, which names must be told apart by.
        canvas: (height, width) of one image.
        wanted: the pairs to be scored, all or some of `pairs`.

    Raises:
        ValueError: for no folder, a name that two pairs go by, two files of one pair.
    """
    if not os.path.isdir(folder):
        raise ValueError(f"{os.fspath(folder)}: not a folder")
    names, chosen = PairNames(pairs), set(wanted)
    files: dict[Pair, Path] = {}
    unusable, unknown = {}, []
    for path in sorted(Path(folder).iterdir()):
        if path.suffix.lower() not in _PICTURES or path.name.startswith("."):
            continue
        pair = names.find(path.name)
        if pair is None:
            unknown.append(path.name)
        elif pair in files:
            raise ValueError(f"{folder}: {files[pair].name} and {path.name} are of one pair")
        elif pair in chosen:
            files[pair] = path
    for pair, path in list(files.items()):
        try:
            _read(path, canvas)
        except UnreadableFile as error:
            unusable[path.name] = error.problem
            del files[pair]
    bad = {names.find(name) for name in unusable}
    missing = [pair for pair in wanted if pair not in files and pair not in bad]
    return GeneratedFiles({pair: files[pair] for pair in wanted if pair in files}, missing, unusable, unknown)


def stored_images(files: Mapping[Pair, Path], canvas: tuple[int, int]) -> Method:
    """The method that has made these files: reads them back; see `methods.Method`."""

    def read(batch: dict[str, tf.Tensor]) -> Generated:
        names = zip(batch["source_name"].numpy().tolist(), batch["target_name"].numpy().tolist())
        paths = [files[source.decode(), target.decode()] for source, target in names]
        return Generated(tf.constant(np.stack([_read(path, canvas) for path in paths])), None)

    return read


def _read(path: Path, canvas: tuple[int, int]) -> np.ndarray:
    """uint8 `[H,W,3]`: the picture, or the last cell of a strip. Raises UnreadableFile."""
    height, width = canvas
    content = io.BytesIO(read_bytes(path))
    with reading(path, "picture"), Image.open(content, formats=_FORMATS) as picture:
        if picture.height != height or picture.width not in [cells * width for cells in _CELLS]:
            raise UnreadableFile(
                path,
                f"{picture.height}x{picture.width}, expected {height}x{width} (height x width) "
                f"or a strip of 3 or 5 of that",
            )
        if picture.mode[0] in "IF":  # of these Pillow would keep the lower eight bits
            raise UnreadableFile(path, "expected 8 bits a channel")
        return np.array(picture.convert("RGB"))[:, -width:]
