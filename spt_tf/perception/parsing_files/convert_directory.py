"""A folder of a parser's label maps turned into ours."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

import numpy as np

from spt_tf.data.file_reading import UnreadableFile
from spt_tf.data.parsing_maps import ParsingMapError, write_parsing_map
from spt_tf.perception.parsing_files.arm_sides import ArmSides
from spt_tf.perception.parsing_files.colours import ColourError, choose_code, codes_of, pack
from spt_tf.perception.parsing_files.convert_labels import LOWER_CHOICES, convert_labels
from spt_tf.perception.parsing_files.label_sets import LOWER, names_of, needs_keypoints
from spt_tf.perception.parsing_files.map_poses import MapPose
from spt_tf.perception.parsing_files.parser_outputs import ParserOutput, find_maps
from spt_tf.perception.parsing_files.read_labels import read_colours, read_labels


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
        palette: name of the maps' label set (`label_sets`).
        poses: by the pictures' stems; some sets need them, others find sides better with them.
        lower: "pants", "skirt" or "guess", for sets that do not tell.
        colours: name of the code of colour pictures, where it cannot be told.

    Raises ValueError when the folders are one (a map converted twice is wrong and looks right), when there is
    no map, on an unknown or refused palette, and where it needs poses or `lower`; FileNotFoundError.
    """
    input_dir, output_dir = Path(input_dir), Path(output_dir)
    names = names_of(palette)
    if needs_keypoints(palette) and poses is None:
        raise ValueError(f"palette '{palette}' does not tell the sides of the limbs: give --annotations")
    if LOWER in names and lower not in LOWER_CHOICES:
        raise ValueError(
            f"palette '{palette}' does not tell pants from skirts: say --lower=pants, skirt or guess"
        )
    found = find_maps(input_dir, palette)
    if input_dir.resolve() == output_dir.resolve():
        raise ValueError(f"{input_dir}: input and output must be different folders")
    if not found.maps and not found.problems:
        raise ValueError(f"{input_dir}: no .png or .npy map")
    problems = list(found.problems)
    code = _colour_code(found.maps, palette, colours)
    written, sides = 0, ArmSides()
    for path, stem in found.maps:
        try:
            labels = read_labels(path, len(names), code)
            keypoints = _keypoints(poses, stem, labels.shape, path, needs_keypoints(palette))
            ours = convert_labels(labels, palette, keypoints, lower)
            write_parsing_map(output_dir / f"{stem}.png", ours)
        except (UnreadableFile, IsADirectoryError) as error:
            problems.append(str(error))
            continue
        except ValueError as error:
            problems.append(f"{path}: {error}")
            continue
        written += 1
        if keypoints is not None:
            sides.look_at(ours, keypoints)
    return Conversion(written, problems, len(found.passed_over), sides.warning())


def _keypoints(
    poses: Mapping[str, MapPose] | None, stem: str, shape: tuple[int, ...], path: Path, needed: bool
) -> np.ndarray | None:
    pose = None if poses is None else poses.get(stem)
    if pose is None:
        if needed:
            raise ParsingMapError(path, f"no keypoints of a picture '{stem}', which this label set needs")
        return None
    return pose.on(shape, path)


def _colour_code(maps: list[ParserOutput], palette: str, said: str | None) -> Mapping[int, int] | None:
    """What the colours of the folder's colour pictures stand for; None where there are none.

    Each picture is looked at with those before it, so one that fits no code does not spoil the others: it is
    left for `read_labels` to refuse.
    """
    codes = codes_of(palette, len(names_of(palette)))
    seen: set[int] = set()
    any_colours = False
    for path, _ in maps:
        try:
            picture = read_colours(path)
        except UnreadableFile:
            continue  # told of when it is read
        if picture is None:
            continue
        any_colours = True
        colours = set(np.unique(pack(picture)).tolist())
        if any(all(colour in code for colour in seen | colours) for code in codes.values()):
            seen |= colours
    if not any_colours:
        return None
    try:
        return choose_code(seen, codes, said)
    except ColourError as error:
        raise ValueError(f"colour pictures: {error}") from error
