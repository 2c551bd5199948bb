"""Which directories of a base path are versions: those whose name TensorFlow reads as an int64.

`safe_strto64`, which TF Serving reads them with, takes spaces around the digits and a sign, and any number of
zeros before them: `013` is version 13. A name that is no int64, such as one of twenty digits, is no version.
"""

from __future__ import annotations

import os
import re
from pathlib import Path

MAX_VERSION = (1 << 63) - 1
_NUMBER = re.compile(r"[ \t\n\v\f\r]*(-?[0-9]{1,4000})[ \t\n\v\f\r]*")  # Python refuses more than 4300 digits


def version_number(name: str) -> int | None:
    """The version that a directory of this name holds, or None."""
    match = _NUMBER.fullmatch(name)
    number = int(match[1]) if match else None
    return number if number is not None and -MAX_VERSION - 1 <= number <= MAX_VERSION else None


def version_directories(base_path: str | os.PathLike) -> dict[int, Path]:
    """Version number -> directory, ascending. Where two have one number, the last by name counts.

    Raises OSError where the base path cannot be read.
    """
    found = {}
    for path in sorted(Path(base_path).iterdir()):
        number = version_number(path.name)
        if number is not None and path.is_dir():
            found[number] = path
    return dict(sorted(found.items()))
