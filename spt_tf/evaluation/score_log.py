"""Scores kept pair by pair while they are made, so that an interrupted evaluation carries on."""

from __future__ import annotations

import json
import os
import pathlib
from collections.abc import Sequence

from spt_tf.data.atomic_write import write_whole
from spt_tf.evaluation.scores import PairScores, Scores


class ScoreLog:
    """A file of one JSON line a pair, below a line that says what is being evaluated."""

    def __init__(self, path: str | os.PathLike, identity: dict[str, object]):
        """Opens the log; one of another identity (weights, data, protocol, pairs) is begun anew."""
        self._path = pathlib.Path(path)
        self._identity = json.loads(json.dumps(identity))
        self.pairs = self._read()
        self._write()  # whole: a kill may have left half a line at the end

    def cut(self, count: int) -> None:
        """Forgets all but the first `count` pairs."""
        del self.pairs[count:]
        self._write()

    def append(self, pairs: Sequence[PairScores]) -> None:
        """Adds pairs and hands them to the operating system."""
        with open(self._path, "a", encoding="utf8") as log:
            log.writelines(_to_json(pair) + "\n" for pair in pairs)
        self.pairs.extend(pairs)

    def _write(self) -> None:
        lines = [json.dumps(self._identity), *(_to_json(pair) for pair in self.pairs)]
        write_whole(self._path, ("\n".join(lines) + "\n").encode())

    def _read(self) -> list[PairScores]:
        if not self._path.exists():
            return []
        lines = self._path.read_text(encoding="utf8", errors="replace").split("\n")
        pairs = []
        try:
            if json.loads(lines[0]) == self._identity:
                for line in lines[1:]:
                    pairs.append(_from_json(line))
        except (ValueError, KeyError, TypeError):
            pass  # the broken end; what stands before it counts
        return pairs


def _to_json(pair: PairScores) -> str:
    methods = {name: scores._asdict() for name, scores in pair.methods.items()}
    return json.dumps({"source": pair.source, "target": pair.target, "methods": methods})


def _from_json(line: str) -> PairScores:
    fields = json.loads(line)
    methods = {name: Scores(**scores) for name, scores in fields["methods"].items()}
    return PairScores(fields["source"], fields["target"], methods)
