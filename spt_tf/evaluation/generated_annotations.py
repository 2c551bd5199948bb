"""Keypoints that another tool has found in generated images."""

from __future__ import annotations

import os
from collections.abc import Sequence

import numpy as np

from spt_tf.evaluation.generated_files import Pair, PairNames, some_names
from spt_tf.perception.pose_files.any_annotations import read_any_annotation_rows


def read_generated_annotations(
    path: str | os.PathLike, pairs: Sequence[Pair], canvas: tuple[int, int]
) -> dict[Pair, np.ndarray]:
    """Keypoints `[18,2]` that any tool found in the generated images, by their file names: CSV or pose file.

    Raises:
        ValueError: naming pairs without a line, with two, or with a joint outside the canvas.
    """
    names, wanted = PairNames(pairs), set(pairs)
    keypoints: dict[Pair, np.ndarray] = {}
    for row in read_any_annotation_rows(path, canvas=canvas):
        pair = names.find(row.name)
        if pair not in wanted:
            continue
        if pair in keypoints:
            raise ValueError(f"{path}, row {row.row}: a second line for {pair[0]} > {pair[1]}")
        if (row.keypoints >= np.array(canvas)).any():
            y, x = row.keypoints.max(axis=0)
            raise ValueError(
                f"{path}, row {row.row}: joints up to ({y:g}, {x:g}) (y, x) on {canvas[0]}x{canvas[1]}"
            )
        keypoints[pair] = row.keypoints
    lacking = [f"{source} > {target}" for source, target in pairs if (source, target) not in keypoints]
    if lacking:
        raise ValueError(
            f"{path}: no line for {len(lacking):,} of {len(pairs):,} pairs: {some_names(lacking)}"
        )
    return keypoints
