"""A small data set in files, for what reads people from disk."""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

import numpy as np
from PIL import Image

from spt_tf.data.annotations import write_annotations, write_pairs
from spt_tf.data.parsing_maps import write_parsing_map
from spt_tf.serving.people_files import PeoplePaths
from tests.serving.stand_in import CANVAS, random_inputs


class Files(NamedTuple):
    """Where the people lie, and their arrays by name."""

    root: Path
    inputs: dict

    def paths(self, target_parsing_dir: Path | None = None) -> PeoplePaths:
        """Where the library finds them."""
        root = self.root
        return PeoplePaths(root / "images", root / "parsing", root / "annotations.csv", target_parsing_dir)

    def flags(self) -> list[str]:
        """The flags that every command takes them by."""
        return [
            f"--images_dir={self.root}/images",
            f"--parsing_dir={self.root}/parsing",
            f"--annotations={self.root}/annotations.csv",
        ]


def write_people(root: Path, count: int, canvas=CANVAS) -> Files:
    """`p00.png` and so on: images, indexed label maps, keypoints; and pairs of each with the next."""
    inputs = random_inputs(count, canvas)
    names = [f"p{i:02}.png" for i in range(count)]
    (root / "images").mkdir(parents=True)
    for i, name in enumerate(names):
        Image.fromarray(inputs["source_image"][i]).save(root / "images" / name)
        write_parsing_map(root / "parsing" / name, inputs["source_parsing"][i])
    keypoints = np.floor(inputs["source_keypoints"])
    write_annotations(root / "annotations.csv", dict(zip(names, keypoints)))
    write_pairs(root / "pairs.csv", [(names[i], names[(i + 1) % count]) for i in range(count)])
    people = {
        name: (inputs["source_image"][i], inputs["source_parsing"][i], keypoints[i])
        for i, name in enumerate(names)
    }
    return Files(root, people)


def pair_inputs(files: Files, source: str, target: str) -> dict[str, np.ndarray]:
    """Inputs of `transfer_pose`, batch 1."""
    image, parsing, keypoints = files.inputs[source]
    return {
        "source_image": image[None],
        "source_parsing": parsing[None],
        "source_keypoints": keypoints[None],
        "target_keypoints": files.inputs[target][2][None],
    }
