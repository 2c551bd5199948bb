"""A driving sequence made steady: short gaps of joints filled, coordinates smoothed over time.

Poses are float `[T,18,2]`, (y, x) in pixels, -1 where missing. Detectors find each frame alone: joints jump
by a pixel and vanish for a frame, and a generator draws every jump. Smoothing coordinates rather than
pictures keeps pictures sharp.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from spt_tf.anatomy import MISSING

_ORDER = 2  # of the polynomial that a window is fitted with


def fill_gaps(poses: np.ndarray, longest: int = 5) -> np.ndarray:
    """Fills a joint that is missing for at most `longest` frames between two where it is seen, linearly."""
    filled = np.array(poses, np.float64)
    for joint in range(filled.shape[1]):
        seen = np.flatnonzero((poses[:, joint] >= 0).all(axis=-1))
        for before, after in zip(seen[:-1], seen[1:]):
            if 1 < after - before <= longest + 1:
                share = (np.arange(before + 1, after) - before)[:, np.newaxis] / (after - before)
                ends = filled[before, joint], filled[after, joint]
                filled[before + 1 : after, joint] = ends[0] + share * (ends[1] - ends[0])
    return filled


def smooth(poses: np.ndarray, window: int = 9) -> np.ndarray:
    """Savitzky-Golay smoothing of each joint over its runs of frames; missing joints stay missing.

    window: frames, odd; at the ends of a run it is cut. 1 changes nothing.
    Raises ValueError for another window.
    """
    if window < 1 or window % 2 == 0:
        raise ValueError(f"smoothing window: expected an odd number of frames, got {window}")
    smoothed = np.array(poses, np.float64)
    for joint in range(smoothed.shape[1]):
        for start, stop in _runs((poses[:, joint] >= 0).all(axis=-1)):
            smoothed[start:stop, joint] = _smoother(stop - start, window) @ smoothed[start:stop, joint]
    return smoothed


def outside_is_missing(poses: np.ndarray, canvas: tuple[int, ...]) -> np.ndarray:
    """Joints outside the canvas become missing, as the networks know them: float32 `[T,18,2]`.

    One that lies less than a pixel outside is moved in: smoothing puts it there.
    """
    last = np.array(canvas, np.float64) - 1
    seen = (poses > MISSING).all(axis=-1) & (poses < last + 1).all(axis=-1)
    inside = np.clip(poses, 0, last)
    return np.where(seen[..., np.newaxis], inside, MISSING).astype(np.float32)


def _smoother(length: int, window: int) -> np.ndarray:
    """`[length,length]`: each row the weights with which a polynomial fitted about a frame is read there."""
    weights = np.zeros((length, length))
    for frame in range(length):
        first, stop = max(0, frame - window // 2), min(length, frame + window // 2 + 1)
        places = np.arange(first, stop) - frame
        powers = places[:, np.newaxis] ** np.arange(min(_ORDER, stop - first - 1) + 1)
        weights[frame, first:stop] = np.linalg.pinv(powers.astype(float))[0]
    return weights


def _runs(seen: np.ndarray) -> Iterator[tuple[int, int]]:
    """(first, one past the last) of each run of True."""
    edges = np.flatnonzero(np.diff(np.concatenate([[False], seen, [False]]).astype(int)))
    return zip(edges[::2].tolist(), edges[1::2].tolist())
