"""The Inception network's outputs of all images, kept on disk while pairs are scored.

Inception score and Frechet distance need all images together. Each pair's outputs are appended as float32
rows to one file a method, so that an interrupted evaluation carries on; the finished scores replace them.
"""

from __future__ import annotations

import json
import pathlib
import shutil
from collections.abc import Mapping, Sequence

import numpy as np

from spt_tf.data.atomic_write import write_whole
from spt_tf.evaluation import masks
from spt_tf.evaluation.frechet import feature_statistics, frechet_distance
from spt_tf.evaluation.inception_graph import InceptionGraph
from spt_tf.evaluation.inception_score import inception_score

INCEPTION_SPLITS = 10
_REAL = "true_target"


class InceptionFeatures:
    """Collects the outputs of one evaluation in a folder of its own."""

    def __init__(
        self,
        graph: InceptionGraph,
        folder: pathlib.Path,
        methods: Sequence[str],
        identity: Mapping[str, object],
    ):
        """Opens what an interrupted evaluation of the same identity left, or begins anew.

        methods: names of what is scored. identity: what makes outputs comparable (weights, data, pairs).
        """
        self._graph, self._folder, self._methods = graph, folder, tuple(methods)
        self._identity = json.loads(json.dumps({**identity, "methods": self._methods}))
        self.scores: dict[str, dict[str, float]] | None = None
        if _read_json(folder / "identity.json") != self._identity:
            shutil.rmtree(folder, ignore_errors=True)
            write_whole(folder / "identity.json", json.dumps(self._identity).encode())
        self.scores = _read_json(folder / "scores.json")

    def keep(self, pairs: int) -> int:
        """Cuts every file to the rows they all have, at most `pairs`; returns how many that are."""
        if self.scores is not None:
            return pairs
        sizes = {path: 4 * width for path, width in self._files().items()}
        whole = [path.stat().st_size // size if path.exists() else 0 for path, size in sizes.items()]
        rows = min([pairs, *whole])
        for path, size in sizes.items():
            with open(path, "ab") as file:
                file.truncate(rows * size)
        return rows

    def add(self, batch: Mapping[str, np.ndarray], images: Mapping[str, np.ndarray]) -> None:
        """Runs the network on a batch: each method's uint8 `[B,H,W,3]`, and the true target images."""
        drawn = masks.polygon_masks(batch["target_keypoints"], batch["target_image"].shape[1:3])[..., None]
        self._append(_REAL, self._graph(batch["target_image"]).features)
        for method, made in images.items():
            outputs, masked = self._graph(made), self._graph(made * drawn)
            row = [outputs.features, outputs.probabilities, masked.probabilities]
            self._append(method, np.concatenate(row, axis=1))

    def finish(self) -> dict[str, dict[str, float]]:
        """Scores of each method over all rows; the rows are given up for them.

        Returns:
            method -> is_mean, is_std, mask_is_mean, mask_is_std (generated images under the target pose's
            mask, as Deformable GAN) and fid (against the true target images).
        """
        if self.scores is None:
            self.scores = self._compute()
            write_whole(self._folder / "scores.json", json.dumps(self.scores).encode())
        for path in self._files():
            path.unlink(missing_ok=True)
        return self.scores

    def _compute(self) -> dict[str, dict[str, float]]:
        features, classes = self._graph.features, self._graph.classes
        rows = {
            path.stem: np.fromfile(path, np.float32).reshape(-1, width)
            for path, width in self._files().items()
        }
        real = feature_statistics(rows[_REAL])
        scores = {}
        for method in self._methods:
            pooled, plain, masked = np.split(rows[method], [features, features + classes], axis=1)
            mean, spread = inception_score(plain, INCEPTION_SPLITS)
            mask_mean, mask_spread = inception_score(masked, INCEPTION_SPLITS)
            scores[method] = {
                "is_mean": mean,
                "is_std": spread,
                "mask_is_mean": mask_mean,
                "mask_is_std": mask_spread,
                "fid": frechet_distance(*feature_statistics(pooled), *real),
            }
        return scores

    def _files(self) -> dict[pathlib.Path, int]:
        """Each file and the width of its rows."""
        wide = self._graph.features + 2 * self._graph.classes
        widths = {_REAL: self._graph.features, **dict.fromkeys(self._methods, wide)}
        return {self._folder / f"{name}.f32": width for name, width in widths.items()}

    def _append(self, name: str, rows: np.ndarray) -> None:
        with open(self._folder / f"{name}.f32", "ab") as file:
            file.write(np.ascontiguousarray(rows, np.float32).tobytes())


def _read_json(path: pathlib.Path):
    try:
        return json.loads(path.read_text(encoding="utf8"))
    except (OSError, ValueError):
        return None
