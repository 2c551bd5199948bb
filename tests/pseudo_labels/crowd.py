"""A crowd of made-up people for the tests of the search."""

from __future__ import annotations

import zlib

import numpy as np

from spt_tf.anatomy import NUM_JOINTS
from spt_tf.data.people_index import PeopleIndex
from spt_tf.data.report import LoadingReport

# (y, x) of the joints of somebody who stands, in tenths of the canvas's height; x from the middle.
_STANDING = np.array(
    [
        *[(1.0, 0.0), (2.0, 0.0), (2.0, -0.8), (3.4, -1.2), (4.8, -1.3), (2.0, 0.8), (3.4, 1.2), (4.8, 1.3)],
        *[(5.0, -0.6), (7.0, -0.7), (9.0, -0.7), (5.0, 0.6), (7.0, 0.7), (9.0, 0.7)],
        *[(0.8, -0.2), (0.8, 0.2), (0.9, -0.4), (0.9, 0.4)],
    ]
)


def make_crowd(count: int, canvas: tuple[int, int] = (48, 24), seed: int = 0) -> PeopleIndex:
    """People in jittered poses of several sizes, some joints missing, with blotchy parsing maps."""
    rng = np.random.default_rng(seed)
    height, width = canvas
    keypoints, packed = [], []
    for _ in range(count):
        size = rng.uniform(0.6, 1.1) * height / 10
        joints = (_STANDING + rng.normal(0, 0.35, (NUM_JOINTS, 2))) * size
        joints[:, 1] += width / 2 + rng.normal(0, 1)
        hidden = rng.random(NUM_JOINTS) < 0.15
        hidden[[2, 5, 8, 11]] = False
        joints = np.clip(joints, 0, np.array(canvas) - 1)
        keypoints.append(np.where(hidden[:, np.newaxis], -1, joints.round(1)))
        blotches = rng.integers(0, 10, (6, 3), np.uint8)
        labels = np.kron(blotches, np.ones((height // 6, width // 3), np.uint8))
        packed.append(zlib.compress(labels.tobytes()))
    names = tuple(f"{i:04d}.jpg" for i in range(count))
    return PeopleIndex(
        names=names,
        image_paths=names,
        parsing_paths=names,
        keypoints=np.array(keypoints, np.float32),
        packed_parsings=tuple(packed),
        canvas=canvas,
        report=LoadingReport("", count, ()),
    )


def one_hot(index: PeopleIndex, positions: np.ndarray) -> np.ndarray:
    """float32 `[K,H,W,10]`."""
    return np.eye(10, dtype=np.float32)[np.stack([index.parsing(i) for i in positions])]
