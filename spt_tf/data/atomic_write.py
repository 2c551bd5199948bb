"""Files that appear whole or not at all."""

from __future__ import annotations

import contextlib
import fcntl
import functools
import os
import re
import tempfile
from pathlib import Path

_SUFFIX = ".partial"
_PARTIAL = re.compile(
    r"\..{0,40}\.[a-z0-9_]{8}\.partial", re.DOTALL
)  # as mkstemp makes it of `_open_partial`


def write_whole(path: str | os.PathLike, content: bytes) -> None:
    """Writes `content` to `path` so that half of it is never met there, whenever the program is killed.

    The folder is made when it is not there. An existing file is replaced. The disk is not waited for, which
    would cost milliseconds a file: these are files that can be made again after a power cut. A killed process
    leaves its half under a hidden name; it goes when another process writes its first file into the folder.
    """
    path = Path(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    _remove_partials_once(os.path.abspath(path.parent))
    descriptor, partial = _open_partial(path)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(content)
            file.flush()
            # mkstemp makes files for the owner alone; a data set is for all who may read the folder.
            os.chmod(partial, 0o644)
            os.replace(partial, path)
    except BaseException as error:
        os.unlink(partial)
        if isinstance(error, OSError) and error.errno and not error.filename:
            error.filename = os.fspath(path)  # a full disk tells no name
        raise


def remove_partials(folder: str | os.PathLike) -> None:
    """Removes the halves that killed processes left in a folder, and none that is being written.

    Who writes holds a lock, which the system takes back from the dead.
    """
    for name in os.listdir(folder) if os.path.isdir(folder) else ():
        if not _PARTIAL.fullmatch(name):
            continue
        with contextlib.suppress(OSError):  # gone, or somebody writes it
            partial = os.path.join(folder, name)
            descriptor = os.open(partial, os.O_RDWR)
            try:
                fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
                os.unlink(partial)
            finally:
                os.close(descriptor)


@functools.cache
def _remove_partials_once(folder: str) -> None:
    with contextlib.suppress(OSError):  # a folder that may be written to and not be read
        remove_partials(folder)


def _open_partial(path: Path) -> tuple[int, str]:
    """A new file in the folder of `path`, since a rename is atomic within one file system only; locked."""
    while True:
        # the name may take as many bytes as the system allows, and this one is longer
        descriptor, partial = tempfile.mkstemp(prefix=f".{path.name[:40]}.", suffix=_SUFFIX, dir=path.parent)
        with contextlib.suppress(OSError):  # a file system without locks: `remove_partials` removes nothing
            fcntl.flock(descriptor, fcntl.LOCK_EX)
        if os.fstat(descriptor).st_nlink:
            return descriptor, partial
        os.close(descriptor)  # `remove_partials` came between
