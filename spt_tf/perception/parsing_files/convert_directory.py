"""A folder of a parser's label maps turned into ours."""

from __future__ import annotations

import os
from pathlib import Path
from typing import NamedTuple

from spt_tf.data.file_reading import UnreadableFile
from spt_tf.data.parsing_maps import find_parsing_map, read_parsing_map, write_parsing_map
from spt_tf.perception.parsing_files.convert_labels import convert_labels
from spt_tf.perception.parsing_files.label_sets import PALETTES


class Conversion(NamedTuple):
    """What came of a folder: how many maps were written, and one line for each file that could not be."""

    written: int
    problems: list[str]


def convert_directory(
    input_dir: str | os.PathLike, output_dir: str | os.PathLike, palette: str
) -> Conversion:
    """Converts every .png and .npy map of a folder into an indexed PNG of the same stem.

    Unreadable files are reported, not written. Raises ValueError when the folders are one (a map converted
    twice is wrong and looks right), when there is no map, or on an unknown palette; FileNotFoundError.
    """
    input_dir, output_dir = Path(input_dir), Path(output_dir)
    if palette not in PALETTES:
        raise ValueError(f"unknown palette '{palette}': expected one of {', '.join(sorted(PALETTES))}")
    if not input_dir.is_dir():
        raise FileNotFoundError(f"{input_dir}: no such folder")
    if input_dir.resolve() == output_dir.resolve():
        raise ValueError(f"{input_dir}: input and output must be different folders")
    maps = sorted(path for path in input_dir.iterdir() if path.suffix in (".png", ".npy"))
    if not maps:
        raise ValueError(f"{input_dir}: no .png or .npy map")
    written, problems = 0, []
    for path in maps:
        try:
            find_parsing_map(input_dir, path.name)  # not two of one stem: one would overwrite the other
            labels = read_parsing_map(path, num_labels=len(PALETTES[palette]))
            write_parsing_map(output_dir / f"{path.stem}.png", convert_labels(labels, palette))
        except (UnreadableFile, IsADirectoryError) as error:
            problems.append(str(error))
        else:
            written += 1
    return Conversion(written, problems)
