"""A checked list of people on disk."""

from __future__ import annotations

import dataclasses
import functools
import zlib

import numpy as np

from spt_tf.data.images import read_image
from spt_tf.data.report import LoadingReport


@dataclasses.dataclass(frozen=True, eq=False)
class PeopleIndex:
    """N people of one canvas, in the annotation file's order.

    names: image file names as annotated, each once.
    image_paths, parsing_paths: where they were found; parsing_paths is empty where people were loaded without
        label maps, which are all background then.
    keypoints: float32 `[N, 18, 2]`, (y, x) in pixels, -1 where a joint is missing.
    packed_parsings: each label map's uint8 bytes in row order, zlib-compressed.
    canvas: (height, width) of every image and label map.
    report: who was left out, and why.
    digests: SHA-256 of each person's image file, keypoints and label map; empty where nobody made them.
    """

    names: tuple[str, ...]
    image_paths: tuple[str, ...]
    parsing_paths: tuple[str, ...]
    keypoints: np.ndarray
    packed_parsings: tuple[bytes, ...]
    canvas: tuple[int, int]
    report: LoadingReport
    digests: tuple[str, ...] = ()

    def __len__(self) -> int:
        return len(self.names)

    @functools.cached_property
    def positions(self) -> dict[str, int]:
        """Each name's place in the index."""
        return {name: position for position, name in enumerate(self.names)}

    def image(self, position: int) -> np.ndarray:
        """Reads one image: uint8 RGB `[H, W, 3]`, the same values as the pipeline's."""
        return read_image(self.image_paths[position])

    def parsing(self, position: int) -> np.ndarray:
        """One person's label map: uint8 `[H, W]`."""
        labels = zlib.decompress(self.packed_parsings[position])
        return np.frombuffer(labels, np.uint8).reshape(self.canvas)
