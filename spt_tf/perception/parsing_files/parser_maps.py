"""The label maps of a parser's folder, read by picture and turned into ours."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path

import numpy as np

from spt_tf.data.file_reading import MissingFile, UnreadableFile
from spt_tf.data.parsing_maps import ParsingMapError
from spt_tf.perception.parsing_files.arm_sides import ArmSides
from spt_tf.perception.parsing_files.colours import ColourError, choose_code, codes_of, pack
from spt_tf.perception.parsing_files.convert_labels import convert_labels
from spt_tf.perception.parsing_files.label_sets import LOWER, LOWER_CHOICES, names_of, needs_keypoints
from spt_tf.perception.parsing_files.map_poses import MapPose
from spt_tf.perception.parsing_files.parser_outputs import ParserOutput, find_maps, several_maps
from spt_tf.perception.parsing_files.read_labels import read_colours, read_labels


class ParserMaps:
    """A folder of label maps.

    paths: the maps' files by the stems of their pictures. doubtful: those of stems with several.
    passed_over: files beside the maps that are none. sides: where the arms of the maps read so far lie.
    """

    def __init__(
        self,
        folder: str | os.PathLike,
        palette: str,
        lower: str | None = None,
        colours: str | None = None,
        with_poses: bool = True,
    ):
        """Looks the folder over; colour pictures are read once, to know what their colours stand for.

        Args:
            palette: name of the maps' label set (`label_sets`).
            lower: "pants", "skirt" or "guess", for sets that do not tell.
            colours: name of the code of colour pictures, where it cannot be told.
            with_poses: whether keypoints of the pictures will be given.

        Raises ValueError on an unknown or refused palette, and where keypoints, `lower` or `colours` are
        needed; FileNotFoundError.
        """
        names = names_of(palette)
        if needs_keypoints(palette) and not with_poses:
            raise ValueError(f"palette '{palette}' does not tell the sides of the limbs: give --annotations")
        if LOWER in names and lower not in LOWER_CHOICES:
            raise ValueError(
                f"palette '{palette}' does not tell pants from skirts: say --lower=pants, skirt or guess"
            )
        found = find_maps(Path(folder), palette)
        self.paths = {stem: path for path, stem in found.maps}
        self.doubtful, self.passed_over = found.doubtful, len(found.passed_over)
        self.sides = ArmSides()
        self._folder, self._palette, self._lower = Path(folder), palette, lower
        self._num_labels = len(names)
        self._code = _colour_code(found.maps, palette, colours)

    def read(self, stem: str, pose: MapPose | None = None) -> np.ndarray:
        """The map of a picture in our labels, uint8 `[H, W]`, of the map's own size.

        Raises UnreadableFile, MissingFile.
        """
        if stem in self.doubtful:
            raise several_maps(self.doubtful[stem])
        if stem not in self.paths:
            raise MissingFile(self._folder / f"{stem}.png")
        path = self.paths[stem]
        labels = read_labels(path, self._num_labels, self._code)
        if pose is None and needs_keypoints(self._palette):
            raise ParsingMapError(path, f"no keypoints of a picture '{stem}', which this label set needs")
        keypoints = None if pose is None else pose.on(labels.shape, path)
        try:
            ours = convert_labels(labels, self._palette, keypoints, self._lower)
        except ValueError as error:
            raise ParsingMapError(path, str(error)) from error
        if keypoints is not None:
            self.sides.look_at(ours, keypoints)
        return ours


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
