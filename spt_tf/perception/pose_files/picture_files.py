"""The pictures that poses are of: their names, and their sizes."""

from __future__ import annotations

import os
from pathlib import Path, PurePath
from typing import Protocol

from PIL import Image

SUFFIXES = (".jpg", ".jpeg", ".png", ".bmp", ".webp", ".tif", ".tiff")
_ORIENTATION = 0x0112  # the EXIF tag; from 2 on the picture is to be turned or mirrored before it is shown


class NoSuchPicture(ValueError):
    """A picture that is not there, or of which there are two, or which cannot be opened; says which."""


class Pictures(Protocol):
    """Where poses find the pictures that they are of."""

    def find(self, name: str) -> str:
        """The picture's own name, for one that a pose file calls `name`. Raises NoSuchPicture."""

    def size(self, name: str) -> tuple[int, int]:
        """(height, width) of a picture that was found, as it is shown. Raises NoSuchPicture."""


class PictureFolder:
    """The pictures of a folder; those in folders below it, too, named by their path.

    upright: pictures are turned as their EXIF orientation says before anybody uses them. Otherwise such a
        picture is refused: the tools that found the pose saw it turned, and what reads the file does not.
    without: a folder below it whose files are no such pictures, such as label maps.
    """

    def __init__(
        self, folder: str | os.PathLike, upright: bool = False, without: str | os.PathLike | None = None
    ):
        """Raises FileNotFoundError where there is no such folder."""
        self.folder, self._upright = Path(folder), upright
        if not self.folder.is_dir():
            raise FileNotFoundError(f"{self.folder}: no such folder")
        found = [path for path in self.folder.rglob("*") if path.suffix.lower() in SUFFIXES]
        if without is not None and Path(without).resolve() != self.folder.resolve():
            found = [path for path in found if not path.resolve().is_relative_to(Path(without).resolve())]
        self.names = sorted(path.relative_to(self.folder).as_posix() for path in found if path.is_file())
        self._by_name = {name: [name] for name in self.names}
        self._by_base: dict[str, list[str]] = {}
        self._by_stem: dict[str, list[str]] = {}
        self._by_first_dot: dict[str, list[str]] = {}
        for name in self.names:
            base = PurePath(name).name
            self._by_base.setdefault(base, []).append(name)
            self._by_stem.setdefault(PurePath(name).stem, []).append(name)
            self._by_first_dot.setdefault(base.split(".")[0], []).append(name)

    def find(self, name: str) -> str:
        """By path, by file name, by the name without its ending, then by what stands before its first dot.

        AlphaPose cuts names at their first dot. A name that fits two pictures is refused.
        """
        base = PurePath(name.replace("\\", "/")).name
        steps = (
            (self._by_name, name),
            (self._by_base, base),
            (self._by_stem, base),
            (self._by_first_dot, base),
        )
        for index, key in steps:
            found = index.get(key, [])
            # photos/anna.jpg, and photos/parsing/anna.png: what lies in the folder itself is meant.
            found = [one for one in found if "/" not in one] or found
            if len(found) > 1:
                raise NoSuchPicture(f"'{name}' fits {', '.join(found[:3])}")
            if found:
                return found[0]
        raise NoSuchPicture(f"no picture '{name}' in {self.folder}")

    def size(self, name: str) -> tuple[int, int]:
        """(height, width), turned as it is shown."""
        try:
            with Image.open(self.folder / name) as picture:
                # Pillow would decode a PNG to its end to look for EXIF there.
                told = picture.format != "PNG" or "exif" in picture.info
                orientation = picture.getexif().get(_ORIENTATION, 1) if told else 1
                height, width = picture.height, picture.width
        except (OSError, SyntaxError, ValueError, Image.DecompressionBombError) as error:
            raise NoSuchPicture(f"{self.folder / name}: cannot be opened ({error})") from error
        if orientation == 1 or not 1 <= orientation <= 8:
            return height, width
        if not self._upright:
            raise NoSuchPicture(
                f"{self.folder / name}: is stored turned (EXIF orientation {orientation}); "
                "scripts/prepare_people.py writes it upright"
            )
        return (width, height) if orientation >= 5 else (height, width)


class OneSize:
    """Pictures that are not there, all of one size: for poses alone."""

    def __init__(self, size: tuple[int, int]):
        self._size = size

    def find(self, name: str) -> str:
        """The name without its folders."""
        return PurePath(name.replace("\\", "/")).name

    def size(self, name: str) -> tuple[int, int]:
        """The one size."""
        return self._size
