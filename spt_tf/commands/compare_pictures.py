"""Compares pictures of the same name in two folders, pixel by pixel: exit status 1 where any differs.

python scripts/compare_pictures.py --expected=runs/demo/generated --found=runs/demo/served
"""

from __future__ import annotations

import functools
import io
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from absl import flags

from spt_tf.commands.command import run_command
from spt_tf.data.file_reading import read_bytes, reading

if TYPE_CHECKING:
    import numpy as np


def define_flags() -> None:
    """Defines the flags."""
    flags.DEFINE_string("expected", None, "Folder of PNGs to compare with.", required=True)
    flags.DEFINE_string("found", None, "Folder of PNGs; each must be in --expected too.", required=True)


def read(path: Path) -> np.ndarray:
    """A picture's pixels, as stored."""
    import numpy as np
    from PIL import Image

    content = io.BytesIO(read_bytes(path))
    with reading(path, "picture"), Image.open(content) as picture:
        return np.array(picture)


def differences(expected: Path, found: Path) -> list[str]:
    """What differs, one line a picture. Raises ValueError where there is nothing to compare."""
    paths = sorted(found.glob("*.png"))
    if not paths:
        raise ValueError(f"{found}: no PNG there")
    lines = []
    for path in paths:
        if not (expected / path.name).exists():
            lines.append(f"{path.name}: not in {expected}")
            continue
        ours, theirs = read(path), read(expected / path.name)
        if ours.shape != theirs.shape:
            lines.append(f"{path.name}: {ours.shape} against {theirs.shape}")
        elif (ours != theirs).any():
            largest = abs(ours.astype(int) - theirs).max()
            lines.append(f"{path.name}: {(ours != theirs).mean():.2%} of the values, by up to {largest}")
    return lines


def main(argv: list[str]) -> None:
    """Compares; exit status 1 where a picture differs or there is nothing to compare."""
    expected, found = Path(flags.FLAGS.expected), Path(flags.FLAGS.found)
    try:
        different = differences(expected, found)
    except (ValueError, OSError) as error:
        sys.exit(f"compare_pictures: {error}")
    if different:
        sys.exit("\n".join(["compare_pictures: not the same", *different]))
    print(f"the {len(list(found.glob('*.png')))} pictures in {found} equal those in {expected}, every pixel")


run = functools.partial(run_command, __doc__, define_flags, main)
