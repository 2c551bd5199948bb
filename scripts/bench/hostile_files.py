"""Damaged files of every kind; each must be read right or refused by its name.

It may raise its own errors and no others, and what it returns must be what it promises. Runs in a worker
process, so that a crash is seen.
"""

from __future__ import annotations

import collections
import io
import json
import random
import shutil
import tempfile
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import h5py
import numpy as np
from PIL import Image

from hostile_bytes import damaged
from hostile_pictures import bomb

CANVAS = (32, 16)
_TORCH_FILES = Path(__file__).resolve().parents[2] / "tests" / "data" / "torch_files"


class Kind(NamedTuple):
    """A kind of file: its name on disk, whole samples, how it is read, what may be raised, what must hold."""

    name: str
    samples: tuple[bytes, ...]
    read: Callable[[Path], Any]
    errors: tuple[type[Exception], ...]
    holds: Callable[[Any], bool]


class FileTally(NamedTuple):
    """Files by what came of them, and in words those that did not end as they must."""

    counts: collections.Counter
    crashes: list[str]
    accepted: list[str]


def attack_readers(run_dir: str, count: int, seed: int, only: str = "") -> FileTally:
    """Damages `count` files and reads them.

    Args:
        run_dir: a finished run, for its config.json and checkpoints.
        only: the kind to damage; by default all.
    """
    chance = random.Random(seed)
    tally = FileTally(collections.Counter(), [], [])
    with tempfile.TemporaryDirectory() as scratch:
        kinds = [kind for kind in _kinds(Path(run_dir), Path(scratch)) if only in ("", kind.name)]
        strangers = _strangers() + [kind.samples[0] for kind in kinds]
        for _ in range(count):
            kind = chance.choice(kinds)
            content = damaged(chance.choice(kind.samples), chance)
            if chance.random() < 0.05:
                content = chance.choice(strangers)
            _try(kind, content, Path(scratch, kind.name), tally)
    return tally


def _try(kind: Kind, content: bytes, path: Path, tally: FileTally) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
    try:
        value = kind.read(path)
    except kind.errors as error:
        tally.counts[f"{kind.name}: refused"] += 1
        if path.name not in str(error) and path.parent.name not in str(error):
            tally.crashes.append(f"{kind.name}: an error that does not name the file: {str(error)[:200]}")
        return
    except Exception as error:
        tally.crashes.append(f"{kind.name}: {type(error).__name__}: {str(error)[:200]}")
        return
    tally.counts[f"{kind.name}: read"] += 1
    if content not in kind.samples and not kind.holds(value):
        tally.accepted.append(f"{kind.name}: read as {str(value)[:200]!r} from {content[:60]!r}")


def _kinds(run_dir: Path, scratch: Path) -> list[Kind]:
    from spt_tf.data.annotations import read_annotations, read_pairs
    from spt_tf.data.file_reading import UnreadableFile, read_arrays
    from spt_tf.data.images import read_image
    from spt_tf.data.parsing_maps import encode_parsing_map, read_parsing_map
    from spt_tf.perception.pose_files.any_annotations import read_any_annotations
    from spt_tf.serving.embedded.version_policy import read_config
    from spt_tf.serving.pair_rows import read_pair_rows

    numbers = np.random.default_rng(0)
    pixels = numbers.integers(0, 256, (*CANVAS, 3), dtype=np.uint8)
    labels = numbers.integers(0, 10, CANVAS, dtype=np.uint8)
    pairs = b"from,to\na.jpg,b.jpg\nb.jpg,c.jpg\n"
    named = (UnreadableFile,)
    models = (
        b'model_config_list { config { name: "spt" base_path: "/models/spt" model_platform: "tensorflow" } }'
    )
    return [
        Kind(
            "a.jpg",
            (_saved(pixels, "jpeg"), _saved(pixels, "jpeg", progressive=True)),
            read_image,
            named,
            _is_image,
        ),
        Kind("a.png", (_saved(pixels, "png"), _saved(labels, "png")), read_image, named, _is_image),
        Kind(
            "map.png", (encode_parsing_map(labels), _saved(labels, "png")), read_parsing_map, named, _is_map
        ),
        Kind("map.npy", (_npy(labels), _npy(labels.astype(np.int64))), read_parsing_map, named, _is_map),
        Kind("people.csv", (_annotations(numbers),), read_annotations, named, _are_people),
        Kind(
            "poses.json",
            _poses(numbers),
            lambda path: read_any_annotations(path, None, CANVAS),
            named,
            _are_people,
        ),
        Kind("pairs.csv", (pairs,), read_pairs, named, _are_pairs),
        Kind(
            "rows.csv", (pairs,), lambda path: read_pair_rows(path).pairs, (ValueError, OSError), _are_pairs
        ),
        Kind("arrays.npz", (_npz(labels),), read_arrays, named, lambda arrays: True),
        Kind(
            "models.config",
            (models,),
            read_config,
            (ValueError, OSError),
            bool,
        ),
        *_weights(named),
        *_of_a_run(run_dir, scratch, named),
    ]


def _weights(named: tuple) -> list[Kind]:
    """Files of other programs' weights."""
    from spt_tf.data.torch_file import read_state_dict
    from spt_tf.networks.vgg import LAYERS
    from spt_tf.training.vgg_weights import read_vgg

    keras = io.BytesIO()
    with h5py.File(keras, "w") as file:
        for layer in LAYERS:
            file[f"{layer.name}/kernel"] = np.zeros((3, 3, layer.inputs, layer.filters), np.float16)
            file[f"{layer.name}/bias"] = np.zeros(layer.filters, np.float16)
    torch = tuple(path.read_bytes() for path in sorted(_TORCH_FILES.glob("*.pth")))
    return [
        Kind("weights.pth", torch, read_state_dict, named, _are_arrays),
        Kind(
            "vgg.h5",
            (keras.getvalue(),),
            lambda path: read_vgg(str(path)),
            named,
            lambda vgg: all(array.dtype == np.float32 for pair in vgg.arrays.values() for array in pair),
        ),
    ]


def _of_a_run(run_dir: Path, scratch: Path, named: tuple) -> list[Kind]:
    """config.json, logs, and a checkpoint whose files are damaged one at a time."""
    from spt_tf.config import ConfigError, ExperimentConfig
    from spt_tf.curves import read_curves
    from spt_tf.data.file_reading import read_table
    from spt_tf.training.checkpoints import StageCheckpoints
    from spt_tf.training.history import examples_seen, read_history
    from spt_tf.training.run_directory import read_config

    config = (run_dir / "config.json").read_bytes()
    stages = sorted((run_dir / "checkpoints").iterdir())
    step = sorted(stages[0].glob("step-*"))[-1]
    shutil.copytree(step, scratch / "stage" / step.name)
    files = {
        path.name: path.read_bytes() for path in step.iterdir() if path.name.startswith(("networks", "SHA"))
    }

    def whole_step(path: Path) -> int:
        try:
            return StageCheckpoints(str(scratch / "stage")).whole_step("networks")
        finally:
            path.write_bytes(files[path.name])

    def is_config(value: Any) -> bool:
        return isinstance(value, ExperimentConfig) and ExperimentConfig.from_json(value.to_json()) == value

    kinds = [
        Kind(
            "run/config.json",
            (config,),
            lambda path: read_config(path.parent),
            (*named, ConfigError),
            is_config,
        ),
        Kind(
            "run/metrics.jsonl",
            (b'{"stage": "semantic", "step": 2, "a": 0.5}\n{"stage": "semantic", "step": 4, "a": 1}\n',),
            lambda path: read_curves(path.parent),
            (ValueError,),
            lambda curves: all(
                np.isfinite(curve.values).all() for stage in curves.values() for curve in stage.values()
            ),
        ),
        Kind(
            "run/history.jsonl",
            (b'{"stage": "semantic", "step": 2, "changed": {"batch_size": [4, 2]}}\n' * 2,),
            lambda path: examples_seen(read_history(str(path.parent)), "semantic", 9, 2),
            named,
            lambda examples: isinstance(examples, int),
        ),
        Kind(
            "table.csv",
            (b"name,sha256\na.jpg,01ab\nb.jpg,23cd\n",),
            lambda path: read_table(path, "name", "sha256"),
            named,
            lambda rows: all(isinstance(row["name"], str) and row["sha256"] is not None for row in rows),
        ),
    ]
    for name, content in files.items():
        place = f"stage/{step.name}/{name}"
        # Space at the end of a list of checksums changes nothing, other damage must be seen.
        holds = (lambda step: True) if name.startswith("SHA") else (lambda step: False)
        kinds.append(Kind(place, (content,), whole_step, named, holds))
    return kinds


def _strangers() -> list[bytes]:
    """Whole files of other kinds, some of which deceive."""
    pixels = np.zeros((*CANVAS, 3), np.uint8)
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w") as file:
        file.writestr("junk", b"junk")
    huge = io.BytesIO()
    np.lib.format.write_array_header_1_0(huge, {"descr": "<f8", "fortran_order": False, "shape": (1 << 40,)})
    objects = io.BytesIO()
    np.save(objects, np.array([{}], object), allow_pickle=True)
    others = [_saved(pixels, kind) for kind in ("webp", "bmp", "gif", "tiff", "ppm")]
    return [*others, bomb(pixels), archive.getvalue(), huge.getvalue(), objects.getvalue(), b"", b"\0" * 9999]


def _saved(array: np.ndarray, kind: str, **options: object) -> bytes:
    file = io.BytesIO()
    Image.fromarray(array).save(file, format=kind, **options)
    return file.getvalue()


def _npy(array: np.ndarray) -> bytes:
    file = io.BytesIO()
    np.save(file, array)
    return file.getvalue()


def _npz(array: np.ndarray) -> bytes:
    file = io.BytesIO()
    np.savez_compressed(file, a=array, b=array.astype(np.float32))
    return file.getvalue()


def _annotations(numbers: np.random.Generator) -> bytes:
    rows = [
        f"{name}: {numbers.integers(0, 16, 18).tolist()}: {numbers.integers(0, 16, 18).tolist()}"
        for name in "abc"
    ]
    return "\n".join(["name:keypoints_y:keypoints_x", *rows, ""]).encode()


def _poses(numbers: np.random.Generator) -> tuple[bytes, ...]:
    people = [{"pose_keypoints_2d": numbers.uniform(0, 16, 54).round(2).tolist()} for _ in range(2)]
    openpose = {"version": 1.3, "people": people}
    results = [
        {
            "image_id": f"{name}.jpg",
            "category_id": 1,
            "score": 0.9,
            "keypoints": numbers.integers(1, 16, 51).tolist(),  # whole ones may grow beyond any float
        }
        for name in "ab"
    ]
    return json.dumps(openpose).encode(), json.dumps(results).encode()


def _is_image(image: np.ndarray) -> bool:
    return image.dtype == np.uint8 and image.ndim == 3 and image.shape[2] == 3 and image.size > 0


def _is_map(labels: np.ndarray) -> bool:
    return labels.dtype == np.uint8 and labels.ndim == 2 and labels.size > 0 and labels.max() < 10


def _are_arrays(arrays: dict[str, np.ndarray]) -> bool:
    return all(isinstance(name, str) and type(array) is np.ndarray for name, array in arrays.items())


def _are_people(people: dict[str, np.ndarray]) -> bool:
    whole = all(points.shape == (18, 2) and np.isfinite(points).all() for points in people.values())
    return whole and not any(name.startswith("/") or ".." in Path(name).parts for name in people)


def _are_pairs(pairs: list) -> bool:
    names = [name for pair in pairs for name in pair]
    return all(name and not name.startswith("/") and ".." not in Path(name).parts for name in names)
