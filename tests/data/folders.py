"""Small data-set folders for tests."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from PIL import Image

from spt_tf.data.annotations import write_annotations, write_pairs
from spt_tf.data.parsing_maps import write_parsing_map

CANVAS = (32, 16)  # height, width


def some_keypoints(seed: int = 0, canvas: tuple[int, int] = CANVAS) -> np.ndarray:
    """Float32 `[18, 2]` whole-number keypoints; the wrists (joints 4 and 7) are missing."""
    keypoints = np.random.default_rng(seed).integers(0, canvas, (18, 2)).astype(np.float32)
    keypoints[[4, 7]] = -1
    return keypoints


def write_image(path: Path, seed: int, canvas: tuple[int, int] = CANVAS) -> None:
    """A JPEG of noise, which a wrong decoder setting shows best."""
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.fromarray(np.random.default_rng(seed).integers(0, 256, (*canvas, 3), np.uint8)).save(
        path, quality=95
    )


def write_person(
    root: Path, split: str, name: str, seed: int, canvas: tuple[int, int] = CANVAS
) -> np.ndarray:
    """Writes a person's image and parsing map; returns the keypoints to annotate."""
    write_image(root / split / name, seed, canvas)
    labels = np.random.default_rng(seed).integers(0, 10, canvas, np.uint8)
    write_parsing_map(root / "parsing" / split / f"{Path(name).stem}.png", labels)
    return some_keypoints(seed, canvas)


def market_folder(
    root: Path, split: str = "train", people: int = 5, canvas: tuple[int, int] = CANVAS
) -> list[str]:
    """A folder in Market-1501's layout: returns the names of its people, all usable, in order.

    Pairs: the first with the second and third, the second with the first.
    """
    names = [f"{number + 1:04d}_c1s1_000001_00.jpg" for number in range(people)]
    write_annotations(
        root / f"market-annotation-{split}.csv",
        {name: write_person(root, split, name, seed, canvas) for seed, name in enumerate(names)},
    )
    pairs = [(names[0], names[1]), (names[0], names[2]), (names[1], names[0])]
    write_pairs(root / f"market-pairs-{split}.csv", pairs)
    return names
