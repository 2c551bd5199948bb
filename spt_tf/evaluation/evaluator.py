"""Generates the people of test pairs in batches and scores them against the true target images."""

from __future__ import annotations

import contextlib
import hashlib
import os
from collections.abc import Sequence

import numpy as np
import tqdm

from spt_tf.data.people_index import PeopleIndex
from spt_tf.data.pipeline import pair_batches
from spt_tf.evaluation.measures import Measures
from spt_tf.evaluation.methods import Generated, Method
from spt_tf.evaluation.score_log import ScoreLog
from spt_tf.evaluation.scores import PairScores, score_batch, summarize

NOTHING_MORE = Measures()


def evaluate_pairs(
    methods: dict[str, Method],
    index: PeopleIndex,
    pairs: Sequence[tuple[str, str]],
    protocol: str,
    batch_size: int,
    log_path: str | os.PathLike,
    identity: dict[str, object],
    measures: Measures = NOTHING_MORE,
) -> list[PairScores]:
    """Scores every method on every pair, with a progress bar.

    Args:
        methods: by the name that results are told under.
        index: the people the pairs name.
        pairs: (source, target) names; the target's own image is the truth.
        protocol: a name of `protocols.PROTOCOLS`.
        batch_size: pairs generated at once.
        log_path: the `ScoreLog` in which finished pairs are kept: the same call carries on from there.
        identity: what makes scores comparable (weights, data, measures); a log of another identity is begun
            anew.
        measures: what is measured beyond the protocol, in the same pass: no image is generated twice.

    Returns:
        one entry a pair, in order.
    """
    # Scored pairs are a beginning of the list: the identity holds the list itself.
    identity = {**identity, "protocol": protocol, "methods": sorted(methods), "pairs": _digest(pairs)}
    log = ScoreLog(log_path, identity)
    done = len(log.pairs)
    if measures.inception is not None:
        done = measures.inception.keep(done)
        log.cut(done)
    with contextlib.closing(tqdm.tqdm(total=len(pairs), initial=done, unit="pair", desc="evaluate")) as bar:
        for batch in pair_batches(index, pairs[done:], batch_size):
            generated = {name: _arrays(method(batch)) for name, method in methods.items()}
            arrays = {name: tensor.numpy() for name, tensor in batch.items()}
            scores = {}
            for name, made in generated.items():
                found = measures.joints[name](arrays, made.image) if name in measures.joints else None
                scores[name] = score_batch(
                    arrays, made, protocol, measures.lpips, found, measures.texture, measures.image_parser
                )
            if measures.inception is not None:
                measures.inception.add(arrays, {name: made.image for name, made in generated.items()})
            names = zip(arrays["source_name"].tolist(), arrays["target_name"].tolist())
            log.append(
                [
                    PairScores(source.decode(), target.decode(), {name: scores[name][i] for name in methods})
                    for i, (source, target) in enumerate(names)
                ]
            )
            bar.update(len(arrays["source_name"]))
    return log.pairs


def summarize_subsets(
    pairs: Sequence[PairScores], subsets: dict[str, Sequence[bool]]
) -> dict[str, dict[str, dict[str, object]]]:
    """Means by subset and method: "all", and every given subset that is not empty (one flag a pair)."""
    chosen = {"all": list(pairs)}
    for name, flags in subsets.items():
        members = [pair for pair, flag in zip(pairs, flags) if flag]
        if members:
            chosen[name] = members
    return {
        subset: {
            method: summarize([pair.methods[method] for pair in members]) for method in members[0].methods
        }
        for subset, members in chosen.items()
    }


def fingerprint(index: PeopleIndex, pairs: Sequence[tuple[str, str]]) -> str:
    """SHA-256 of the pairs and of the images, keypoints and parsings they use."""
    digest = hashlib.sha256(_digest(pairs).encode())
    for position in sorted({index.positions[name] for pair in pairs for name in pair}):
        with open(index.image_paths[position], "rb") as image:
            digest.update(hashlib.sha256(image.read()).digest())
        digest.update(index.keypoints[position].tobytes())
        digest.update(index.parsing(position).tobytes())
    return digest.hexdigest()


def _arrays(made: Generated) -> Generated:
    return Generated(np.asarray(made.image), None if made.parsing is None else np.asarray(made.parsing))


def _digest(pairs: Sequence[tuple[str, str]]) -> str:
    return hashlib.sha256("\n".join(f"{source},{target}" for source, target in pairs).encode()).hexdigest()
