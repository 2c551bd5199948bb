"""Paper dolls drawn while a network learns: a stream without end, and no file."""

from __future__ import annotations

import collections
import multiprocessing
import os
import signal
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from functools import partial

import cv2
import numpy as np

from spt_tf.paper_dolls.people import DrawnDoll, draw_test_person, draw_training_person

_AHEAD = 3  # batches a process may be ahead
_GAP = 23  # batches until a person comes again

# uint8 images `[B,H,W,3]`, uint8 parsings `[B,H,W]`, float32 keypoints `[B,18,2]`.
People = tuple[np.ndarray, np.ndarray, np.ndarray]


def drawn_batches(
    seed: int, start: int, batch_size: int, canvas: tuple[int, int], processes: int
) -> Iterator[People]:
    """Training people `start`, `start + 1`, ... of a seed in batches, without end.

    processes: that draw, beside this one; 0: this one draws. The people do not depend on it.
    """
    draw = partial(draw_people, seed, batch_size, canvas)
    starts = iter(range(start, 2**62, batch_size))
    if not processes:
        yield from map(draw, starts)
        return
    # Spawned, not forked: this process holds TensorFlow's threads.
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(processes, context, _follow_parent) as pool:
        pending: collections.deque[Future] = collections.deque()
        try:
            while True:
                while len(pending) < _AHEAD * processes:
                    pending.append(pool.submit(draw, next(starts)))
                yield pending.popleft().result()
        finally:
            pool.shutdown(wait=False, cancel_futures=True)


def looked_at_again(groups: Iterator[People], looks: int, batch_size: int) -> Iterator[People]:
    """Batch n: the people of groups n, n + 23, n + 46, ..., `looks` of them; each comes in `looks` batches.

    groups: of ceil(batch_size / looks) people. A batch depends on its number alone, as without looks.
    """
    recent: collections.deque[People] = collections.deque(maxlen=(looks - 1) * _GAP + 1)
    for group in groups:
        recent.append(group)
        if len(recent) == recent.maxlen:
            parts = [recent[look * _GAP] for look in range(looks)]
            images, parsings, keypoints = (np.concatenate(field)[:batch_size] for field in zip(*parts))
            yield images, parsings, keypoints


def draw_people(seed: int, count: int, canvas: tuple[int, int], start: int) -> People:
    """Training people `start` to `start + count - 1`."""
    return _stacked([draw_training_person(seed, number, canvas) for number in range(start, start + count)])


def draw_held_out(seed: int, count: int, canvas: tuple[int, int]) -> People:
    """The first `count` test people of a seed, one picture of each: no training person is among them."""
    return _stacked([draw_test_person(seed, number, canvas)[0] for number in range(count)])


def _stacked(dolls: list[DrawnDoll]) -> People:
    parts: list[Callable] = [lambda p: p.image, lambda p: p.parsing, lambda p: p.keypoints]
    images, parsings, keypoints = (np.stack([part(doll.picture) for doll in dolls]) for part in parts)
    return images, parsings, keypoints


def _follow_parent() -> None:
    """In a drawing process: Ctrl-C is its parent's affair, and when that dies, however, so does it."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    cv2.setNumThreads(1)
    parent = multiprocessing.parent_process()

    def wait() -> None:
        if parent is not None:
            parent.join()
        os._exit(0)

    threading.Thread(target=wait, daemon=True).start()
