"""Finished blocks of a search on disk: what an interrupted search carries on from, and what shards join.

<output>.parts/search.json      which search this is
<output>.parts/000256.npz       a block of queries, named by the first
"""

from __future__ import annotations

import io
import json
import os
from pathlib import Path
from typing import NamedTuple

import numpy as np

from spt_tf.data.atomic_write import remove_partials, write_whole
from spt_tf.data.file_reading import UnreadableFile, read_arrays, read_json_object, reading
from spt_tf.pseudo_labels.settings import SearchError

_SEARCH = "search.json"


class Found(NamedTuple):
    """The best candidates of Q queries.

    queries: int64 `[Q]`, positions.
    candidates: int64 `[Q,top_k]`, positions, best first, -1 where there are not so many.
    energies: float64 `[Q,top_k]`, infinite there.
    """

    queries: np.ndarray
    candidates: np.ndarray
    energies: np.ndarray


class PartialResults:
    """A folder of finished blocks. They appear whole or not at all, so any process may be killed any time."""

    def __init__(self, folder: str | os.PathLike, fingerprint: dict[str, object]):
        """Opens or makes the folder; raises SearchError when it holds another search's blocks."""
        self._folder = Path(folder)
        search = self._folder / _SEARCH
        if not search.exists():
            if any(self._folder.glob("*.npz")):
                raise SearchError(
                    f"{self._folder} holds blocks of an unknown search ({_SEARCH} is gone): delete it"
                )
            write_whole(search, json.dumps(fingerprint, indent=1).encode())
        try:
            found = read_json_object(search)
        except UnreadableFile as error:
            raise SearchError(f"{error}: delete {self._folder}") from error
        if found != fingerprint:
            names = [key for key in fingerprint if found.get(key) != fingerprint[key]]
            raise SearchError(
                f"{self._folder} holds a part of another search (another {', '.join(names)}): "
                "delete it, or give another output"
            )

    def add(self, block: Found) -> None:
        """Keeps a finished block of at least one query."""
        content = io.BytesIO()
        np.savez(content, **block._asdict())
        write_whole(self._folder / f"{block.queries[0]:06d}.npz", content.getvalue())

    def read(self, top_k: int) -> Found:
        """All finished blocks, by query. Raises SearchError for a damaged one."""
        blocks = [Found(np.zeros(0, np.int64), np.zeros((0, top_k), np.int64), np.zeros((0, top_k)))]
        for path in sorted(self._folder.glob("*.npz")):
            try:
                with reading(path, "block"):
                    blocks.append(Found(**read_arrays(path)))
            except UnreadableFile as error:
                raise SearchError(f"{path} is damaged ({error.problem}): delete it, search again") from error
        joined = Found(*(np.concatenate(arrays) for arrays in zip(*blocks)))
        _, first = np.unique(joined.queries, return_index=True)
        return Found(*(array[first] for array in joined))

    def delete(self) -> None:
        """Removes the blocks and, if nothing else is in it, the folder."""
        for path in (*self._folder.glob("*.npz"), self._folder / _SEARCH):
            path.unlink(missing_ok=True)
        remove_partials(self._folder)
        if not any(self._folder.iterdir()):
            self._folder.rmdir()
