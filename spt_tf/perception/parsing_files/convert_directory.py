"""A folder of a parser's label maps turned into ours."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

from spt_tf.data.file_reading import UnreadableFile
from spt_tf.data.parsing_maps import write_parsing_map
from spt_tf.perception.parsing_files.map_poses import MapPose
from spt_tf.perception.parsing_files.parser_maps import ParserMaps
from spt_tf.perception.parsing_files.parser_outputs import several_maps


class Conversion(NamedTuple):
    """What came of a folder.

    written: how many maps. problems: one line for each file that could not be converted. passed_over: files
    beside the maps that are none. warning: what looks wrong in the whole of it, or None.
    """

    written: int
    problems: list[str]
    passed_over: int = 0
    warning: str | None = None


def convert_directory(
    input_dir: str | os.PathLike,
    output_dir: str | os.PathLike,
    palette: str,
    poses: Mapping[str, MapPose] | None = None,
    lower: str | None = None,
    colours: str | None = None,
) -> Conversion:
    """Converts every label map of a folder into an indexed PNG named by the stem of its picture.

    Unreadable files are reported, not written.

    Args:
        poses: by the pictures' stems; some label sets need them, others find sides better with them.
        palette, lower, colours: see `ParserMaps`.

    Raises ValueError when the folders are one (a map converted twice is wrong and looks right), when there is
    no map, and as `ParserMaps` does; FileNotFoundError.
    """
    input_dir, output_dir = Path(input_dir), Path(output_dir)
    maps = ParserMaps(input_dir, palette, lower, colours, with_poses=poses is not None)
    if input_dir.resolve() == output_dir.resolve():
        raise ValueError(f"{input_dir}: input and output must be different folders")
    if not maps.paths and not maps.doubtful:
        raise ValueError(f"{input_dir}: no .png or .npy map")
    written, problems = 0, [str(several_maps(files)) for files in maps.doubtful.values() for _ in files]
    for stem in maps.paths:
        try:
            ours = maps.read(stem, None if poses is None else poses.get(stem))
            write_parsing_map(output_dir / f"{stem}.png", ours)
        except (UnreadableFile, IsADirectoryError) as error:
            problems.append(str(error))
        else:
            written += 1
    return Conversion(written, problems, maps.passed_over, maps.sides.warning())
