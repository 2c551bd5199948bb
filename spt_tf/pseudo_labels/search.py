"""The search for S_pt*: each training person's clothes on somebody in another pose (Section 3.1)."""

from __future__ import annotations

import logging
import os
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import NamedTuple

import numpy as np
from tqdm import tqdm

from spt_tf.anatomy import TORSO_JOINTS
from spt_tf.data.atomic_write import write_whole
from spt_tf.data.people_index import PeopleIndex
from spt_tf.pseudo_labels.label_energy import label_energy
from spt_tf.pseudo_labels.packed_people import PackedPeople, pack_people
from spt_tf.pseudo_labels.part_grids import COARSE, FINE, PartGrids, part_grids
from spt_tf.pseudo_labels.partial_results import Found, PartialResults
from spt_tf.pseudo_labels.settings import SearchError, SearchSettings
from spt_tf.pseudo_labels.shortlist import shortlists

_MOST_QUERIES_AT_A_TIME = 512
_MOST_THREADS = 8
# How many times as many candidates are looked at in fine grids as get their exact energy.
_WIDER = 10
# Of a query while its shortlist is made: its coarse grid for the matrix product, keys and their copies.
_BYTES_PER_QUERY = 100_000


class Prepared(NamedTuple):
    """Everyone, in the forms the search compares them in."""

    people: PackedPeople
    coarse: PartGrids
    fine: PartGrids


def check_can_search(index: PeopleIndex) -> None:
    """Raises SearchError for a training set in which no search is possible."""
    if len(index) < 2:
        raise SearchError(f"a search needs at least two people, the training set has {len(index)}")
    if (index.keypoints[:, list(TORSO_JOINTS)] < 0).any():
        raise SearchError("the search needs everyone's four torso joints; load with require_torso")


def search_pseudo_labels(
    index: PeopleIndex,
    output_csv: str | os.PathLike,
    top_k: int = 1,
    min_pose_distance: float = 0.08,
    shortlist: int = 24,
    per_pixel: bool = False,
    memory_gb: float = 4.0,
    shard: int = 0,
    num_shards: int = 1,
) -> int | None:
    """Finds the best candidates for everyone and writes them as CSV `from,to,energy`, best first.

    Finished blocks are kept beside the CSV until it is written, so an interrupted search carries on.

    Args:
        index: the training set; everyone needs all torso joints.
        output_csv: file to write; its folder is made.
        top_k, min_pose_distance, shortlist, per_pixel: see `SearchSettings`.
        memory_gb: what the search may hold beside TensorFlow itself (about 0.7 GB) and `index`. Decides the
            speed, never the answer.
        shard, num_shards: do every `num_shards`-th stretch of queries only; `merge_shards` joins them.

    Returns:
        How many people have a candidate, or None if this was one shard of several.

    Raises:
        SearchError: nobody to search for, everyone excluded, or partial results of another search.
    """
    settings = SearchSettings(top_k, min_pose_distance, shortlist, per_pixel)
    if not 0 <= shard < num_shards:
        raise SearchError(f"shard {shard} of {num_shards}: shards run from 0 to {num_shards - 1}")
    check_can_search(index)
    partial = PartialResults(parts_folder(output_csv), settings.fingerprint(index))
    mine = np.array_split(np.arange(len(index)), num_shards)[shard]
    queries = np.setdiff1d(mine, partial.read(top_k).queries)
    if queries.size:
        memory = int(memory_gb * 2**30)
        people = pack_people(index, memory // 2)
        prepared = prepare(people, settings)
        threads = min(os.cpu_count() or 1, _MOST_THREADS)
        block_size = _queries_at_a_time(memory // 4 // threads)
        blocks = np.array_split(queries, range(block_size, len(queries), block_size))
        title = "pseudo-labels" if num_shards == 1 else f"pseudo-labels, shard {shard} of {num_shards}"
        with tqdm(total=len(mine), initial=len(mine) - len(queries), desc=title, unit="person") as bar:
            for found in _search_blocks(prepared, blocks, settings, threads):
                partial.add(found)
                bar.update(len(found.queries))
    return merge_shards(index, output_csv, settings) if num_shards == 1 else None


def prepare(people: PackedPeople, settings: SearchSettings) -> Prepared:
    """Samples everyone's part grids."""
    return Prepared(people, *(part_grids(people, sizes, settings.per_pixel) for sizes in (COARSE, FINE)))


def _search_blocks(
    prepared: Prepared, blocks: list[np.ndarray], settings: SearchSettings, threads: int
) -> Iterator[Found]:
    """Several blocks at a time: of one, only a part is work that TensorFlow gives to all cores."""
    with ThreadPoolExecutor(threads) as pool:
        yield from pool.map(lambda block: search_block(prepared, block, settings), blocks)


def search_block(prepared: Prepared, queries: np.ndarray, settings: SearchSettings) -> Found:
    """The best candidates of some queries, integers `[Q]`; depends on nothing but those queries."""
    people = prepared.people
    min_distance = settings.min_pose_distance * people.canvas[0]
    wide = _WIDER * settings.shortlist
    listed = shortlists(prepared.coarse, people.keypoints, queries, wide, min_distance)
    approximate = np.where(listed >= 0, prepared.fine.energies(queries, listed), np.inf)
    listed, _ = _best(listed, approximate, settings.shortlist)
    found = np.nonzero(listed >= 0)
    energies = np.full(listed.shape, np.inf)
    energies[found] = label_energy(people, queries[found[0]], listed[found])
    energies[found] /= prepared.fine.scales[listed[found]]
    candidates, energies = _best(listed, energies, settings.top_k)
    short = ((0, 0), (0, settings.top_k - candidates.shape[1]))
    return Found(
        queries.astype(np.int64),
        np.pad(candidates, short, constant_values=-1),
        np.pad(energies, short, constant_values=np.inf),
    )


def merge_shards(index: PeopleIndex, output_csv: str | os.PathLike, settings: SearchSettings) -> int:
    """Writes the CSV from the finished blocks of all shards, then deletes them.

    Returns how many people have a candidate. Raises SearchError if queries are missing, or nobody has one.
    """
    partial = PartialResults(parts_folder(output_csv), settings.fingerprint(index))
    found = partial.read(settings.top_k)
    missing = np.setdiff1d(np.arange(len(index)), found.queries)
    if missing.size:
        raise SearchError(
            f"{parts_folder(output_csv)}: {missing.size} of {len(index)} people have not been searched for, "
            f"the first is {index.names[missing[0]]} (number {missing[0]}): a shard is not finished"
        )
    row, rank = np.nonzero(found.candidates >= 0)
    if not row.size:
        raise SearchError(
            f"no pair is left: all poses are within {settings.min_pose_distance} image heights of each "
            "other; lower min_pose_distance"
        )
    alone = len(index) - len(np.unique(row))
    if alone:
        logging.getLogger(__name__).warning("%d people have no candidate in another pose: left out", alone)
    pairs = zip(found.queries[row], found.candidates[row, rank], found.energies[row, rank])
    lines = [
        f"{index.names[query]},{index.names[candidate]},{energy:.3f}" for query, candidate, energy in pairs
    ]
    write_whole(output_csv, ("\n".join(["from,to,energy", *lines]) + "\n").encode())
    partial.delete()
    return len(index) - alone


def parts_folder(output_csv: str | os.PathLike) -> str:
    """Where the finished blocks of a search are kept."""
    return f"{os.fspath(output_csv)}.parts"


def _best(candidates: np.ndarray, energies: np.ndarray, number: int) -> tuple[np.ndarray, np.ndarray]:
    """The candidates of least energy and their energies, each row's in order; equal ones by position."""
    order = np.lexsort((candidates, energies), axis=1)[:, :number]
    return np.take_along_axis(candidates, order, axis=1), np.take_along_axis(energies, order, axis=1)


def _queries_at_a_time(memory: int) -> int:
    queries = memory // _BYTES_PER_QUERY
    if queries < 1:
        raise SearchError("the search needs more memory than that")
    return min(queries, _MOST_QUERIES_AT_A_TIME)
