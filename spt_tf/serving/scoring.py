"""Scores a file of pairs in batches, reading and writing while the model computes."""

from __future__ import annotations

import collections
import contextlib
import csv
import errno
import itertools
import os
from collections.abc import Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from typing import Callable, NamedTuple

import numpy as np
from tqdm import tqdm

from spt_tf.data.atomic_write import write_whole
from spt_tf.data.parsing_maps import encode_parsing_map
from spt_tf.serving.local_model import Example, LocalModel, Scored
from spt_tf.serving.pair_rows import read_pair_rows, without_result
from spt_tf.serving.people_files import PeopleFiles, RowError
from spt_tf.serving.photo_files import PhotoFiles
from spt_tf.serving.result_files import encode_png, image_path, in_colours, parsing_path

FAILED_FILE = "failed.csv"
_THREADS = 4  # each for reading and for writing: files, decoding and encoding, never the model
_AHEAD = 4  # batches that may be read before, or wait to be written after, the one that computes


class Summary(NamedTuple):
    """Rows in the pairs file, pairs that had a result before, that got one now, and rows that failed."""

    rows: int
    before: int
    scored: int
    failed: int


def score_pairs(
    model: LocalModel,
    people: PeopleFiles | PhotoFiles,
    pairs_file: str | os.PathLike,
    output_dir: str | os.PathLike,
    batch_size: int,
) -> Summary:
    """Writes `<from>___<to>.png` and `parsing/<from>___<to>.png` for every pair that has none yet.

    Where `people` has target parsings, these are drawn on and no parsing is written.

    Rows that cannot be read or that the model refuses go to `failed.csv` (from, to, reason) and are tried
    again at the next call. Every picture appears whole, so the process may be killed at any time.
    Raises UnreadableFile for the pairs file, OSError for the folder or a full disk.
    """
    rows = read_pair_rows(pairs_file)
    missing = without_result(rows.pairs, output_dir)
    before = len(rows.pairs) - len(missing)
    Path(output_dir).mkdir(parents=True, exist_ok=True)
    outcomes: collections.Counter[bool] = collections.Counter()
    with contextlib.ExitStack() as stack:
        failures = csv.writer(
            stack.enter_context(
                open(Path(output_dir, FAILED_FILE), "w", encoding="utf-8", newline="", buffering=1)
            )
        )
        readers = stack.enter_context(ThreadPoolExecutor(_THREADS))
        writers = stack.enter_context(ThreadPoolExecutor(_THREADS))
        bar = stack.enter_context(tqdm(total=len(rows.pairs), initial=before, unit="pair"))
        failures.writerow(("from", "to", "reason"))
        failures.writerows(rows.failed)
        limit = _AHEAD * batch_size
        read = _ahead(readers, lambda pair: read_example(people, *pair), missing, limit)
        computed = _computed(model, read, batch_size)
        for result in _ahead(writers, lambda result: write_result(output_dir, result), computed, limit):
            outcomes[bool(result.reason)] += 1
            if result.reason:
                failures.writerow((result.source, result.target, result.reason))
            bar.update()
    all_rows = len(rows.pairs) + len(rows.failed)
    return Summary(all_rows, before, outcomes[False], outcomes[True] + len(rows.failed))


def read_example(people: PeopleFiles | PhotoFiles, source: str, target: str) -> Example | Scored:
    """The inputs of a pair, or a Scored that says why they cannot be read."""
    try:
        return Example(source, target, people.inputs(source, target))
    except RowError as error:
        return Scored(source, target, reason=str(error))


def write_result(output_dir: str | os.PathLike, result: Scored) -> Scored:
    """Writes a result's parsing, if any, then its image; returns it, with the reason where that failed.

    Raises OSError where the disk is full: the rows after it would be computed for nothing.
    """
    if result.image is not None:  # else there is a reason
        try:
            if result.parsing is not None:
                path = parsing_path(output_dir, result.source, result.target)
                write_whole(path, _labels_png(result.parsing))
            write_whole(image_path(output_dir, result.source, result.target), _png(result.image))
        except OSError as error:
            if error.errno in (errno.ENOSPC, errno.EDQUOT):
                raise
            return Scored(result.source, result.target, reason=f"writing: {error}")
    return result


def _png(picture: np.ndarray | bytes) -> bytes:
    return picture if isinstance(picture, bytes) else encode_png(picture)


def _labels_png(labels: np.ndarray | bytes) -> bytes:
    return in_colours(labels) if isinstance(labels, bytes) else encode_parsing_map(labels)


def _computed(model: LocalModel, read: Iterable[Example | Scored], batch_size: int) -> Iterator[Scored]:
    """Scores batches of what could be read; passes failures on."""
    read = iter(read)
    while items := list(itertools.islice(read, batch_size)):
        yield from (item for item in items if isinstance(item, Scored))
        examples = [item for item in items if isinstance(item, Example)]
        if examples:
            yield from model.score(examples)


def _ahead(pool: ThreadPoolExecutor, function: Callable, items: Iterable, limit: int) -> Iterator:
    """`map` in a pool, in order, at most `limit` items ahead of the consumer."""
    pending: collections.deque[Future] = collections.deque()
    for item in items:
        pending.append(pool.submit(function, item))
        if len(pending) >= limit:
            yield pending.popleft().result()
    while pending:
        yield pending.popleft().result()
