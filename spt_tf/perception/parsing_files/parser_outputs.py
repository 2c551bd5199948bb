"""Which files in a folder are the label maps, as the tools leave it, and which picture each is of.

| tool                      | writes                                      | taken                            |
|---------------------------|---------------------------------------------|----------------------------------|
| SCHP                      | x.png; with --logits a float x.npy, too     | x.png; x.npy alone by its argmax |
| SCHP of x.jpeg            | x..png                                      | as x                             |
| CIHP_PGN, JPPNet's family | x.png, x_vis.png in colours                 | x.png                            |
| Graphonomy                | x.png in colours, x_gray.png                | x_gray.png as x                  |
| Sapiens                   | x_seg.npy, x.npy (foreground), x.png (both) | x_seg.npy as x                   |
| DeepFashion-MultiModal    | x_segm.png                                  | as x                             |
"""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

import numpy as np

from spt_tf.data.file_reading import UnreadableFile, opened
from spt_tf.data.parsing_maps import ParsingMapError


class ParserOutput(NamedTuple):
    """A label map, and the stem of the picture that it is of."""

    path: Path
    stem: str


class ParserFolder(NamedTuple):
    """The label maps of a folder; the files beside them that are none; where a picture has several maps."""

    maps: list[ParserOutput]
    passed_over: list[Path]
    doubtful: dict[str, list[Path]]


def several_maps(paths: list[Path]) -> ParsingMapError:
    """The error of a picture with several maps: which one is meant would be a guess."""
    others = ", ".join(path.name for path in paths[1:])
    return ParsingMapError(paths[0], f"{others} is there too; keep one of them")


def find_maps(folder: Path, palette: str) -> ParserFolder:
    """Sorts the .png and .npy files of a folder. Raises FileNotFoundError where there is no such folder."""
    if not folder.is_dir():
        raise FileNotFoundError(f"{folder}: no such folder")
    files = sorted(path for path in folder.iterdir() if path.suffix in (".png", ".npy"))
    names = {path.name for path in files}
    maps: dict[str, list[Path]] = {}
    passed_over = []
    for path in files:
        if _is_beside_a_map(path, names):
            passed_over.append(path)
        else:
            maps.setdefault(_stem(path, names, palette), []).append(path)
    doubtful = {
        stem: sorted(paths, key=lambda path: path.suffix, reverse=True)
        for stem, paths in maps.items()
        if len(paths) > 1
    }
    single = [ParserOutput(paths[0], stem) for stem, paths in maps.items() if len(paths) == 1]
    return ParserFolder(single, passed_over, doubtful)


def npy_header(path: Path) -> tuple[tuple[int, ...], np.dtype]:
    """(shape, type) that an NPY file tells, the rest of it unread. Raises UnreadableFile."""
    with opened(path, "NPY file") as file:
        version = np.lib.format.read_magic(file)
        read = (
            np.lib.format.read_array_header_1_0 if version == (1, 0) else np.lib.format.read_array_header_2_0
        )
        shape, _, dtype = read(file)
        return shape, dtype


def is_score_array(path: Path) -> bool:
    """Whether a .npy holds a score for each label, floats of three axes, and not labels."""
    try:
        shape, dtype = npy_header(path)
    except UnreadableFile:
        return False
    return len(shape) == 3 and np.issubdtype(dtype, np.floating)


def _is_beside_a_map(path: Path, names: set[str]) -> bool:
    stem = path.stem
    if stem.endswith("_vis") and f"{stem[:-4]}.png" in names:
        return True
    if f"{stem}_gray.png" in names or f"{stem}_seg.npy" in names:
        return True
    return path.suffix == ".npy" and f"{stem}.png" in names and is_score_array(path)


def _stem(path: Path, names: set[str], palette: str) -> str:
    stem = path.stem
    if stem.endswith("_gray") and f"{stem[:-5]}.png" in names:
        return stem[:-5]
    if stem.endswith("_seg") and f"{stem[:-4]}.npy" in names:
        return stem[:-4]
    if stem.endswith("_segm") and palette == "deepfashion_multimodal":
        return stem[:-5]
    return stem.rstrip(".") or stem  # SCHP cuts four characters off x.jpeg, and the point stays
