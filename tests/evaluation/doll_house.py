"""A handful of made-up test people in Market-1501's layout, with the pairs' true targets."""

from __future__ import annotations

import pathlib

import cv2
import numpy as np

from spt_tf.data.annotations import write_annotations, write_pairs
from spt_tf.data.parsing_maps import write_parsing_map
from tests.evaluation.sample_pairs import STICK_FIGURE, sample_pairs

CANVAS = (96, 64)


def write_doll_house(
    root: pathlib.Path, pairs: int = 5, canvas: tuple[int, int] = CANVAS
) -> list[tuple[str, str]]:
    """Writes `pairs` pairs of test people below `root`; returns their names."""
    images = sample_pairs(pairs, canvas)
    people, names = {}, []
    for number in range(pairs):
        pair = tuple(f"{number + 1:04d}_c1s1_{view:06d}_00.jpg" for view in (1, 2))
        for step, (name, kind) in enumerate(zip(pair, ("generated", "target"))):
            (root / "test").mkdir(parents=True, exist_ok=True)
            cv2.imwrite(str(root / "test" / name), images[kind][number])
            labels = np.zeros(canvas, np.uint8)
            labels[20 + 3 * step : 60, 20:40] = 3
            write_parsing_map(root / "parsing" / "test" / f"{name[:-4]}.png", labels)
            people[name] = STICK_FIGURE * min(1, canvas[0] / 96, canvas[1] / 64) + np.array([step, number])
        names.append(pair)
    write_annotations(root / "market-annotation-test.csv", people)
    write_pairs(root / "market-pairs-test.csv", names)
    return names
