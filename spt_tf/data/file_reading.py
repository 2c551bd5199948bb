"""The one way files of other people are read: bytes, text, JSON, CSV, NumPy's, each bounded in its size.

Whatever is wrong with a file ends in `UnreadableFile`, one line that names it: who reads many leaves that one
out and goes on. Pictures are read by `images`, label maps by `parsing_maps`, both on top of this.
"""

from __future__ import annotations

import contextlib
import csv
import io
import json
import os
import re
import stat
import zipfile
from collections.abc import Iterator
from typing import IO, TYPE_CHECKING, Any

if TYPE_CHECKING:
    import numpy as np

MOST_BYTES = 2**28  # of one person's file, or a list: far above any real one
MOST_PIXELS = 2**26  # of a picture that is decoded
_MOST_CHARACTERS = 300  # of what a decoder said; some quote the file


class UnreadableFile(ValueError):
    """A file that cannot be read as what it should be.

    The message is one line that begins with the path, and the row where there is one, counted as an editor
    counts lines: the first is row 1.
    """

    def __init__(self, path: str | os.PathLike, problem: str, row: int | None = None):
        self.path, self.problem, self.row = os.fspath(path), one_line(problem), row
        place = self.path if row is None else f"{self.path}, row {row}"
        super().__init__(f"{place}: {self.problem}")

    def __reduce__(self) -> tuple:
        return type(self), (self.path, self.problem, self.row)  # between processes


class MissingFile(UnreadableFile, FileNotFoundError):
    """A file that is not there."""

    def __init__(self, path: str | os.PathLike):
        super().__init__(path, "no such file")

    def __reduce__(self) -> tuple:
        return type(self), (self.path,)

    __str__ = ValueError.__str__


@contextlib.contextmanager
def reading(path: str | os.PathLike, kind: str) -> Iterator[None]:
    """Inside, whatever goes wrong with `path` becomes UnreadableFile, MissingFile where it is not there.

    Decoders raise anything on junk (struct.error, zlib.error, IndexError, RecursionError, MemoryError), so
    nothing is let through. kind: what the file should be, such as "NPY file".
    """
    try:
        yield
    except UnreadableFile:
        raise
    except FileNotFoundError as error:
        raise MissingFile(path) from error
    except Exception as error:
        if isinstance(error, OSError) and error.strerror:  # the system's; Pillow's have none
            raise UnreadableFile(path, f"cannot be read: {error.strerror}") from error
        raise UnreadableFile(path, f"not a readable {kind} ({str(error) or type(error).__name__})") from error


@contextlib.contextmanager
def opened(path: str | os.PathLike, kind: str = "file", pipe: bool = False) -> Iterator[IO[bytes]]:
    """A regular file, open to be read; pipe: or a pipe, such as bash's <(...). Inside, as in `reading`.

    Raises UnreadableFile also for a folder, a device, or a pipe that nobody may ever write to.
    """
    with reading(path, kind):
        mode = os.stat(path).st_mode
        if not stat.S_ISREG(mode) and not (pipe and stat.S_ISFIFO(mode)):
            raise UnreadableFile(path, f"expected a file, found a {_kind(mode)}")
        with open(path, "rb") as file:
            yield file


def read_bytes(path: str | os.PathLike, most: int = MOST_BYTES, pipe: bool = False) -> bytes:
    """The content of a file, as `opened` takes it, of at most `most` bytes.

    Raises UnreadableFile (a folder, a device, too large, no permission), MissingFile.
    """
    with opened(path, pipe=pipe) as file:
        content = file.read(most + 1)
        if len(content) > most:
            raise UnreadableFile(path, f"larger than {most:,} bytes")
        return content


def read_text(path: str | os.PathLike, pipe: bool = False) -> str:
    """A UTF-8 file, as `opened` takes it, with or without a byte-order mark.

    Raises UnreadableFile naming the row that is not UTF-8 or holds a NUL, MissingFile.
    """
    content = read_bytes(path, pipe=pipe)
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        raise UnreadableFile(path, "expected UTF-8 text, found UTF-16", 1)
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        row = content[: error.start].count(b"\n") + 1
        raise UnreadableFile(path, "expected UTF-8 text", row) from error
    if "\0" in text:
        row = text[: text.index("\0")].count("\n") + 1
        raise UnreadableFile(path, "expected text, found a NUL byte", row)
    return text


def read_json_object(path: str | os.PathLike) -> dict[str, Any]:
    """A JSON file that holds an object. Raises UnreadableFile, also where it nests too deep; MissingFile."""
    text = read_text(path)
    with reading(path, "JSON file"):
        value = json.loads(text)
    if not isinstance(value, dict):
        raise UnreadableFile(path, f"expected a JSON object, found {type(value).__name__}")
    return value


def read_table(path: str | os.PathLike, *columns: str) -> list[dict[str, str]]:
    """The rows of a CSV by the names in its first row, `columns` among them.

    Raises UnreadableFile naming the row that has fewer fields, or is none of a CSV; MissingFile.
    """
    reader = csv.DictReader(io.StringIO(read_text(path), newline=""), strict=True)
    rows = []
    try:
        lacking = [name for name in columns if name not in (reader.fieldnames or ())]
        if lacking:
            raise UnreadableFile(path, f"expected a column {lacking[0]}", 1)
        for row in reader:
            if None in row or None in row.values():
                raise UnreadableFile(path, "expected as many fields as in the first row", reader.line_num)
            rows.append(row)
    except csv.Error as error:
        raise UnreadableFile(path, f"not a row of a CSV ({error})", reader.reader.line_num) from error
    return rows


def read_array(path: str | os.PathLike) -> np.ndarray:
    """The array of an NPY file. Raises UnreadableFile (objects, too, are refused), MissingFile.

    A header may promise more than the file holds; that costs nothing here.
    """
    import numpy as np  # here, because --help of many commands comes by this module

    content = read_bytes(path)
    with reading(path, "NPY file"):
        if not content.startswith(np.lib.format.MAGIC_PREFIX):
            raise ValueError("it does not begin as one")  # np.load would take an NPZ or a pickle for it
        return np.load(io.BytesIO(content), allow_pickle=False)


def read_arrays(path: str | os.PathLike, most: int = 2**32) -> dict[str, np.ndarray]:
    """The arrays of an NPZ file by name, of at most `most` bytes when unpacked.

    Raises UnreadableFile (objects, too, are refused), MissingFile.
    """
    import numpy as np

    with opened(path, "NPZ file") as file:
        with zipfile.ZipFile(file) as archive:
            size = sum(entry.file_size for entry in archive.infolist())
        if size > most:
            raise UnreadableFile(path, f"unpacks to {size:,} bytes, expected at most {most:,}")
        file.seek(0)
        with np.load(file, allow_pickle=False) as archive:
            arrays = {name: archive[name] for name in archive.files}
        for name, array in arrays.items():
            if not isinstance(array, np.ndarray):
                raise ValueError(f"{name} is no array")
        return arrays


def _kind(mode: int) -> str:
    kinds = ((stat.S_ISDIR, "folder"), (stat.S_ISFIFO, "pipe"), (stat.S_ISSOCK, "socket"))
    return next((name for is_kind, name in kinds if is_kind(mode)), "device")


def one_line(text: str) -> str:
    """An error's text without line breaks, of bounded length, and without the nodes TensorFlow names."""
    line = " ".join(re.sub(r"\{\{.*?\}\}|\[Op:.*", " ", text).split())
    return line if len(line) <= _MOST_CHARACTERS else f"{line[:_MOST_CHARACTERS]}..."
